//! `backend hook` alone: quick, quiet and never in MicroSIP's way.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::mpsc;
use std::time::Duration;

use super::{BACKEND, write_ticket};

fn hook(data_dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(BACKEND);
    command.arg("--data-dir").arg(data_dir).arg("hook").args(arguments);
    let (tell, ended) = mpsc::channel();
    std::thread::spawn(move || tell.send(command.output().unwrap()));
    // Whoever it told nothing or waits for is still there: it ends of its own accord, or never.
    let output = ended.recv_timeout(Duration::from_secs(60)).expect("a hook waits for nobody");
    assert!(output.stdout.is_empty());
    output
}

fn log(data_dir: &Path) -> String {
    std::fs::read_to_string(data_dir.join("hook.log")).unwrap_or_default()
}

#[test]
fn nobody_listens() {
    let dir = tempfile::tempdir().unwrap();
    let output = hook(dir.path(), &["cmdCallRing", "100"]);
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
    assert!(log(dir.path()).contains("ring: no backend has left its address"), "{}", log(dir.path()));
    std::fs::write(dir.path().join("hook.json"), "{\"url\":\"http://evil.test:80\",\"secret\":\"x\"}").unwrap();
    assert_eq!(hook(dir.path(), &["ring", "100"]).status.code(), Some(0));
    assert!(log(dir.path()).contains("is not http://HOST:PORT"));
    std::fs::write(dir.path().join("hook.json"), "{").unwrap();
    assert_eq!(hook(dir.path(), &["ring", "100"]).status.code(), Some(0));
    assert_eq!(log(dir.path()).lines().count(), 3);
    let output = hook(&dir.path().join("gone"), &["ring", "100200300"]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.lines().count() == 1 && text.contains("gone") && text.contains("--data-dir"), "{text}");
    assert!(!text.contains("100200300"), "{text}");
}

#[test]
fn a_backend_that_never_answers_or_talks_nonsense() {
    let dir = tempfile::tempdir().unwrap();
    let deaf = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    write_ticket(dir.path(), &format!("http://{}", deaf.local_addr().unwrap()));
    assert_eq!(hook(dir.path(), &["end", "100200300"]).status.code(), Some(0));
    drop(deaf);
    let rude = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    write_ticket(dir.path(), &format!("http://{}", rude.local_addr().unwrap()));
    let thread = std::thread::spawn(move || {
        use std::io::Write;
        let (mut stream, _) = rude.accept().unwrap();
        let _ = stream.write_all(&[b'x'; 1000]);
    });
    assert_eq!(hook(dir.path(), &["end", "100200300"]).status.code(), Some(0));
    thread.join().unwrap();
    let log = log(dir.path());
    assert_eq!(log.lines().count(), 2, "{log}");
    assert!(!log.contains("100200300"), "{log}");
}

#[test]
fn a_person_who_tries_it_wrongly() {
    let dir = tempfile::tempdir().unwrap();
    for arguments in [&[][..], &["rang", "100"], &["--help"]] {
        let output = hook(dir.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), 1);
    }
    assert!(log(dir.path()).is_empty());
}
