//! The accept loop on real sockets: too many, too slow, too long.

use std::time::Duration;

use backend::connections::Bounds;
use protocol::Capability;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

use crate::support::wire::{answer, ask, listen, request, to_the_end};
use crate::support::{Backend, FakeEngine, HOST};

const SOON: Duration = Duration::from_millis(300);

fn health() -> String {
    request("GET /healthz", "", "")
}

#[tokio::test]
async fn beyond_the_limit_connections_are_told_so_and_room_is_given_again() {
    let phone = Backend::simulator();
    let address = listen(&phone, Bounds { connections: 2, told: 1, ..Bounds::default() }).await;
    let mut served = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        assert!(ask(&mut stream, &health()).await.starts_with("HTTP/1.1 200"));
        served.push(stream);
    }
    let mut told = TcpStream::connect(address).await.unwrap();
    told.write_all(b"GET /healthz HTTP/1.1\r\n").await.unwrap();
    // It is being told; one more is one too many even for that.
    let mut closed = TcpStream::connect(address).await.unwrap();
    assert_eq!(to_the_end(&mut closed).await, "");
    let text = ask(&mut told, &format!("Host: {HOST}\r\n\r\n")).await;
    assert!(text.starts_with("HTTP/1.1 429") && text.contains("\"too_many_requests\""), "{text}");
    assert!(text.contains("retry-after: 1\r\n") && text.contains("connection: close\r\n"), "{text}");
    assert_eq!(to_the_end(&mut told).await, "", "and that was all");
    assert!(ask(&mut served[0], &health()).await.starts_with("HTTP/1.1 200"), "who is in stays in");

    drop(served);
    loop {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(health().as_bytes()).await.unwrap();
        if to_first_line(&mut stream).await.starts_with("HTTP/1.1 200") {
            break;
        }
    }
}

/// What comes first, or nothing.
async fn to_first_line(stream: &mut TcpStream) -> String {
    let mut buffer = [0; 64];
    let read = tokio::io::AsyncReadExt::read(stream, &mut buffer).await.unwrap_or(0);
    String::from_utf8_lossy(&buffer[..read]).into_owned()
}

#[tokio::test]
async fn slow_heads_and_idle_connections_are_cut_off_and_streams_are_not() {
    let phone = Backend::simulator();
    let address = listen(&phone, Bounds { head_within: SOON, ..Bounds::default() }).await;
    let mut events = TcpStream::connect(address).await.unwrap();
    events.write_all(request("GET /api/sip/events", "", "").as_bytes()).await.unwrap();
    let mut slow = TcpStream::connect(address).await.unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: 127.").await.unwrap();
    assert_eq!(to_the_end(&mut slow).await, "");
    let mut silent = TcpStream::connect(address).await.unwrap();
    assert_eq!(to_the_end(&mut silent).await, "");
    let mut idle = TcpStream::connect(address).await.unwrap();
    assert!(ask(&mut idle, &health()).await.starts_with("HTTP/1.1 200"));
    assert_eq!(to_the_end(&mut idle).await, "");
    phone.close.send_replace(true);
    let text = to_the_end(&mut events).await;
    assert!(
        text.contains("event: snapshot") && text.ends_with("0\r\n\r\n"),
        "it lived, and ended as it should: {text}"
    );
}

#[tokio::test]
async fn heads_beyond_measure_are_refused() {
    let phone = Backend::simulator();
    let address = listen(&phone, Bounds::default()).await;
    let many: String = (0..150).map(|number| format!("X-{number}: x\r\n")).collect();
    let long = format!("X: {}\r\n", "x".repeat(40_000));
    for headers in [many, long] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request("GET /healthz", &headers, "").as_bytes()).await.unwrap();
        let text = to_first_line(&mut stream).await;
        assert!(text.starts_with("HTTP/1.1 431"), "{text}");
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    let usual = format!("Cookie: {}\r\n", "x".repeat(16_000));
    assert!(ask(&mut stream, &request("GET /healthz", &usual, "")).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn what_is_no_http_is_cut_off() {
    let phone = Backend::simulator();
    let address = listen(&phone, Bounds::default()).await;
    for noise in [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], b"\r\n\r\n\0\0\0\0", b"GET / HTTP/9.9\r\n\r\n"]
    {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(noise).await.unwrap();
        let text = to_the_end(&mut stream).await;
        assert!(text.is_empty() || text.starts_with("HTTP/1.1 400"), "{text}");
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    assert!(ask(&mut stream, &health()).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_stream_that_nobody_reads_is_cut_off_in_the_end() {
    let phone = Backend::fake(FakeEngine::new(Capability::ALL));
    let address = listen(&phone, Bounds { stalled: SOON, ..Bounds::default() }).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    stream.write_all(request("GET /api/sip/events", "", "").as_bytes()).await.unwrap();
    while !phone.metrics().await.contains("sip_phone_sse_connections 1\n") {
        tokio::task::yield_now().await;
    }
    let mut ids = Vec::new();
    while phone.metrics().await.contains("sip_phone_sse_connections 1\n") {
        let id = protocol::CallId::new(format!("c{}", ids.len()));
        let name = Some("x".repeat(1000));
        let tell = |event| phone.tell.send(event).unwrap();
        tell(backend::engine::EngineEvent::Incoming { call: id.clone(), number: "1".to_owned(), display_name: name });
        tell(backend::engine::EngineEvent::Ended { call: id.clone(), reason: protocol::EndReason::Missed });
        ids.push(id);
        tokio::task::yield_now().await;
    }
    // Whoever reads is served all the same.
    let mut other = TcpStream::connect(address).await.unwrap();
    other.write_all(health().as_bytes()).await.unwrap();
    assert!(answer(&mut other).await.starts_with("HTTP/1.1 200"));
}
