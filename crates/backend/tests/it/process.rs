//! The program itself: its output, its exit codes, and how it ends.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver};

use tempfile::TempDir;

pub(crate) fn backend(dir: &TempDir) -> Command {
    alone(Command::new(env!("CARGO_BIN_EXE_backend")), dir)
}

/// With nothing of this machine's settings.
fn alone(mut command: Command, dir: &TempDir) -> Command {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SIP_PHONE_")) {
        command.env_remove(name);
    }
    command.current_dir(dir.path()).env("SIP_PHONE_DATA_DIR", dir.path().join("data"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A backend that listens; killed if a test fails.
pub(crate) struct Running {
    child: Mutex<Child>,
    pub(crate) address: String,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        command.stderr(Stdio::null());
        Self::spawn(command)
    }

    /// The same, with its log in a file: by a pipe, for a limit of file sizes is no limit of the log.
    pub(crate) fn start_logging(mut command: Command, log: &Path) -> Self {
        command.stderr(Stdio::piped());
        let running = Self::spawn(command);
        let mut log = fs::File::create(log).unwrap();
        let mut errors = running.child.lock().unwrap().stderr.take().unwrap();
        std::thread::spawn(move || std::io::copy(&mut errors, &mut log));
        running
    }

    /// With its log where the command says.
    fn spawn(mut command: Command) -> Self {
        let mut child = command.args(["--listen", "127.0.0.1:0", "--engine", "simulator"]).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").expect("the ready line").to_owned();
        Self { child: Mutex::new(child), address }
    }

    fn request(&self, head: &str, body: &str) -> TcpStream {
        self.request_with(head, "", body)
    }

    fn request_with(&self, head: &str, headers: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{head} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}",
            self.address
        )
        .unwrap();
        stream
    }

    pub(crate) fn answer(&self, head: &str, body: &str) -> String {
        let mut text = String::new();
        self.request(head, body).read_to_string(&mut text).unwrap();
        text
    }

    /// The body of an answer that must be good.
    pub(crate) fn body(&self, head: &str, body: &str) -> String {
        let answer = self.answer(head, body);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
        body.to_owned()
    }

    /// The answer of one that may be killed meanwhile; `None` if it was.
    pub(crate) fn try_answer(&self, head: &str, body: &str) -> Option<String> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        let (host, length) = (&self.address, body.len());
        let headers = "Connection: close\r\nContent-Type: application/json";
        write!(stream, "{head} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\nContent-Length: {length}\r\n\r\n{body}")
            .ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).ok()?;
        Some(text).filter(|text| text.contains("\r\n\r\n"))
    }

    /// The lines of the event stream, from the snapshot on.
    pub(crate) fn stream(&self) -> Receiver<String> {
        let mut stream = self.request("GET /api/sip/events", "");
        let mut last = [0; 4];
        while &last != b"\r\n\r\n" {
            last.rotate_left(1);
            stream.read_exact(&mut last[3..]).unwrap();
        }
        let (tell, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        lines
    }

    /// Ends it without a word.
    pub(crate) fn kill(&self) {
        let mut child = self.child.lock().unwrap();
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

fn end(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8(output.stderr.clone()).unwrap())
}

#[cfg(unix)]
#[test]
fn signals_end_it_cleanly_and_what_was_is_kept() {
    for signal in ["TERM", "INT"] {
        let dir = TempDir::new().unwrap();
        let mut running = Running::start(backend(&dir));
        assert!(running.answer("POST /api/sip/operator/status", "{\"status\":\"lunch\"}").starts_with("HTTP/1.1 200"));
        running.answer("POST /api/sim/incoming", "{\"number\":\"100\"}");
        running.answer("POST /api/sim/hangup", "{}");
        running.answer("POST /api/sim/incoming", "{\"number\":\"200\"}");
        // An open stream must not hold the end up.
        let mut events = BufReader::new(running.request("GET /api/sip/events", ""));
        let mut line = String::new();
        while !line.contains("heartbeat") {
            assert!(events.read_line(&mut line).unwrap() > 0);
        }
        let child = running.child.get_mut().unwrap();
        let pid = child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{signal}"), &pid]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{signal}");
        let mut rest = String::new();
        events.read_to_string(&mut rest).unwrap();
        let mut output = String::new();
        child.stdout.as_mut().unwrap().read_to_string(&mut output).unwrap();
        assert_eq!(output, "", "standard output has one line");

        let calls = fs::read_to_string(dir.path().join("data/calls.jsonl")).unwrap();
        assert!(calls.contains("\"missed\""), "{calls}");
        let last = calls.lines().last().unwrap();
        assert!(last.contains("\"200\"") && last.contains("\"failed\""), "it was up at the end: {calls}");
        let again = Running::start(backend(&dir));
        assert!(again.answer("GET /api/sip/state", "").contains("\"operator_status\":\"lunch\""));
        assert!(again.answer("GET /api/sip/calls", "").contains("\"missed\""));
    }
}

#[cfg(unix)]
#[test]
fn the_data_directory_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new().unwrap();
    let _running = Running::start(backend(&dir));
    assert_eq!(fs::metadata(dir.path().join("data")).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_closed_connection_is_no_longer_counted() {
    let dir = TempDir::new().unwrap();
    let running = Running::start(backend(&dir));
    let mut events = BufReader::new(running.request("GET /api/sip/events", ""));
    let mut line = String::new();
    while !line.contains("heartbeat") {
        assert!(events.read_line(&mut line).unwrap() > 0);
    }
    assert!(running.answer("GET /metrics", "").contains("sip_phone_sse_connections 1\n"));
    drop(events);
    while !running.answer("GET /metrics", "").contains("sip_phone_sse_connections 0\n") {}
}

#[test]
fn a_body_too_large_is_answered_and_no_reset() {
    let dir = TempDir::new().unwrap();
    let running = Running::start(backend(&dir));
    let asked = |kind: &str, length: usize, body: &[u8]| {
        let mut stream = TcpStream::connect(&running.address).unwrap();
        let host = &running.address;
        let head = format!("POST /api/sip/call/dial HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\n");
        write!(stream, "{head}Content-Length: {length}\r\n\r\n").unwrap();
        // As simple clients do: all of the body, and only then a look at the answer.
        stream.write_all(body).unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        line
    };
    // More than the sockets' buffers hold by themselves.
    let large = vec![b'1'; 8_000_000];
    assert!(asked("application/json", large.len(), &large).starts_with("HTTP/1.1 413"));
    assert!(asked("text/plain", large.len(), &large).starts_with("HTTP/1.1 415"));
    // One that announces it and waits for the answer gets it too.
    assert!(asked("application/json", large.len(), b"").starts_with("HTTP/1.1 413"));

    let mut chunked = TcpStream::connect(&running.address).unwrap();
    let host = &running.address;
    let head = format!("POST /api/sip/call/dial HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n");
    write!(chunked, "{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", large.len()).unwrap();
    chunked.write_all(&large).unwrap();
    chunked.write_all(b"\r\n0\r\n\r\n").unwrap();
    let mut line = String::new();
    BufReader::new(chunked).read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 413"), "{line}");
}

#[test]
fn mistakes_are_one_line_and_exit_code_2() {
    let dir = TempDir::new().unwrap();
    for line in [
        &["--listen", "nonsense"][..],
        &["--listen", "0.0.0.0:0"],
        &["--no-such-option"],
        &["nonsense"],
        &["--listen"],
        &["--microsip", "/nowhere/microsip.exe"],
        &["--max-streams", "0"],
    ] {
        let (code, text) = end(&backend(&dir).args(line).output().unwrap());
        assert_eq!((code, text.trim_end().lines().count()), (Some(2), 1), "{line:?}: {text}");
    }
    fs::write(dir.path().join("sip-phone.toml"), "lisen = 'x'").unwrap();
    let (code, text) = end(&backend(&dir).output().unwrap());
    assert_eq!((code, text.trim_end().lines().count()), (Some(2), 1), "{text}");
    assert!(text.contains("sip-phone.toml") && text.contains("lisen"), "{text}");
}

#[test]
fn a_port_in_use_is_one_line_and_exit_code_1() {
    let dir = TempDir::new().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let output = backend(&dir).args(["--engine", "simulator", "--listen", &address.to_string()]).output().unwrap();
    let (code, text) = end(&output);
    assert_eq!((code, text.trim_end().lines().count()), (Some(1), 1), "{text}");
    assert!(text.contains(&address.port().to_string()), "{text}");
    assert!(!dir.path().join("data").exists(), "another backend's data is left alone");
}

#[test]
fn a_second_start_points_to_the_first() {
    let dir = TempDir::new().unwrap();
    let running = Running::start(backend(&dir));
    let output = backend(&dir).args(["--engine", "simulator", "--listen", &running.address]).output().unwrap();
    let (code, text) = end(&output);
    assert_eq!((code, text.trim_end().lines().count()), (Some(1), 1), "{text}");
    assert!(text.contains("runs already") && text.contains(&format!("http://{}/", running.address)), "{text}");
}

#[cfg(unix)]
#[test]
fn in_the_background_it_goes_on_alone() {
    let dir = TempDir::new().unwrap();
    let start = |address| {
        let options = ["--background", "--engine", "simulator", "--listen", address];
        backend(&dir).args(options).output().unwrap()
    };
    let output = start("127.0.0.1:0");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let (address, pid) = text.split_once("\nin the background, as process ").expect("both lines");
    let address = address.strip_prefix("listening on http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let again = start(address);
    assert!(Command::new("kill").args(["-TERM", pid.trim()]).status().unwrap().success());
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let (code, text) = end(&again);
    assert!(code == Some(1) && text.contains("leave --background out"), "{text}");
}

#[test]
fn help_and_version_are_no_mistakes() {
    let dir = TempDir::new().unwrap();
    for option in ["--help", "--version"] {
        let output = backend(&dir).arg(option).output().unwrap();
        assert!(output.status.success() && !output.stdout.is_empty());
    }
}

#[test]
fn a_fault_of_a_worker_is_one_line_of_the_log() {
    let dir = TempDir::new().unwrap();
    let mut command = backend(&dir);
    command.stderr(fs::File::create(dir.path().join("log")).unwrap());
    let running = Running::spawn(command);
    let message = "{\"message\":\"panicked at hub.rs:7:\\nindex out of bounds\\u001b[31m\"}";
    assert!(running.answer("POST /api/sip/fault", message).starts_with("HTTP/1.1 200"));
    let log = fs::read_to_string(dir.path().join("log")).unwrap();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("a worker failed and starts again")).collect();
    let [line] = lines[..] else { panic!("{log}") };
    assert!(line.contains("ERROR") && line.contains("panicked at hub.rs:7: index out of bounds [31m"), "{line}");
}

#[cfg(unix)]
#[test]
fn without_files_left_it_waits_and_goes_on_when_there_are() {
    let dir = TempDir::new().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -n 48 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_backend")]);
    let mut command = alone(shell, &dir);
    command.stderr(fs::File::create(dir.path().join("log")).unwrap());
    let running = Running::spawn(command);
    let mut crowd = Vec::new();
    while !fs::read_to_string(dir.path().join("log")).unwrap().contains("no connection can be accepted") {
        assert!(crowd.len() < 500, "it never ran out of files");
        crowd.push(TcpStream::connect(&running.address).unwrap());
    }
    drop(crowd);
    while !running.try_answer("GET /healthz", "").is_some_and(|text| text.starts_with("HTTP/1.1 200")) {}
    let log = fs::read_to_string(dir.path().join("log")).unwrap();
    assert!(log.lines().count() < 100, "it does not write the disk full: {log}");
}

#[test]
fn as_many_streams_as_were_set_find_room() {
    let dir = TempDir::new().unwrap();
    let mut command = backend(&dir);
    command.args(["--max-streams", "2"]);
    let running = Running::start(command);
    let first_line = |events: TcpStream| {
        let mut events = BufReader::new(events);
        let mut line = String::new();
        events.read_line(&mut line).unwrap();
        (line, events)
    };
    let open: Vec<_> = (0..3).map(|_| first_line(running.request("GET /api/sip/events", ""))).collect();
    let codes: Vec<_> = open.iter().map(|(line, _)| &line[..12]).collect();
    assert_eq!(codes, ["HTTP/1.1 200", "HTTP/1.1 200", "HTTP/1.1 429"]);
    assert!(running.answer("GET /healthz", "").starts_with("HTTP/1.1 200"));
}

#[cfg(unix)]
#[test]
fn where_too_few_files_may_be_open_it_says_so_at_the_start() {
    let dir = TempDir::new().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -n 328 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_backend"), "--max-streams", "10000"]);
    let mut command = alone(shell, &dir);
    command.stderr(fs::File::create(dir.path().join("log")).unwrap());
    let _running = Running::spawn(command);
    let log = fs::read_to_string(dir.path().join("log")).unwrap();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("WARN")).collect();
    let [line] = lines[..] else { panic!("{log}") };
    for part in ["too few files", "files=328", "connections=200", "streams=100", "max_streams=10000", "ulimit -n"] {
        assert!(line.contains(part), "{part}: {line}");
    }
}

#[test]
fn a_dial_whose_answer_was_lost_dials_once_even_if_the_backend_is_killed_meanwhile() {
    let dir = TempDir::new().unwrap();
    let dial = |running: &Running, attempt: u32| {
        let headers = format!("Idempotency-Key: k1\r\nSip-Phone-Attempt: {attempt}\r\n");
        running.request_with("POST /api/sip/call/dial", &headers, "{\"phone\":\"100\"}")
    };
    let text = |mut stream: TcpStream| {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    };
    let running = Running::start(backend(&dir));
    let lost = dial(&running, 1);
    let mut state = String::new();
    while !state.contains("\"call_id\"") {
        state = running.answer("GET /api/sip/state", "");
    }
    drop(lost);
    let answer = text(dial(&running, 2));
    let (_, call) = answer.split_once("\"call_id\":").expect("it was taken");
    assert!(answer.starts_with("HTTP/1.1 200") && state.contains(call.trim_end_matches('}')), "{answer} {state}");
    let state = running.answer("GET /api/sip/state", "");
    assert_eq!(state.matches("\"call_id\"").count(), 1, "{state}");

    running.kill();
    let again = Running::start(backend(&dir));
    let answer = text(dial(&again, 3));
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("\"outcome_unknown\""), "{answer}");
    let state = again.answer("GET /api/sip/state", "");
    assert!(state.contains("\"active_call\":null"), "it was not dialled again: {state}");
}
