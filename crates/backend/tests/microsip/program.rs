//! The whole program: `backend --engine microsip`, its REST interface, its hooks.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use testkit::standin::{Op, Setup, StandIn};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::BACKEND;

pub(super) struct Program {
    child: Child,
    address: String,
}

impl Program {
    pub(super) fn start(microsip: &Path, data_dir: &Path) -> Self {
        Self::start_with(microsip, data_dir, &[])
    }

    /// With more options.
    pub(super) fn start_with(microsip: &Path, data_dir: &Path, options: &[&str]) -> Self {
        let mut command = Command::new(BACKEND);
        command.args(["--listen", "127.0.0.1:0", "--engine", "microsip", "--microsip"]).arg(microsip);
        command.args(options).arg("--data-dir").arg(data_dir).env("SIP_PHONE_LOG", "warn");
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap().to_owned();
        Self { child, address }
    }

    /// Ends it without a word.
    pub(super) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to end, and gives its exit code.
    #[cfg(unix)]
    pub(super) fn end_orderly(&mut self) -> Option<i32> {
        self.signal("TERM");
        self.child.wait().unwrap().code()
    }

    #[cfg(unix)]
    pub(super) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }

    pub(super) async fn request(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let (host, body) = (&self.address, body.to_string());
        let mut stream = TcpStream::connect(host).await.unwrap();
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n"
        );
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.request("POST", path, body).await
    }

    /// Waits for a state of the phone.
    pub(super) async fn until(&self, such: impl Fn(&Value) -> bool) -> Value {
        let mut state = Value::Null;
        let waiting = async {
            loop {
                state = self.request("GET", "/api/sip/state", json!({})).await.1;
                if such(&state) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(15), waiting).await;
        assert!(in_time.is_ok(), "waited in vain; the last state is {state:#}");
        state
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

#[tokio::test]
async fn the_main_job_without_a_browser() {
    let data_dir = tempfile::tempdir().unwrap();
    let setup = Setup::with_backend(Path::new(BACKEND), data_dir.path());
    let mut standin = StandIn::start(&setup).await.unwrap();
    let program = Program::start(standin.exe(), data_dir.path());
    program.until(|state| state["phone_status"] == "available").await;

    standin.ring("1&calc").await.unwrap();
    let state = program.until(|state| state["active_call"]["state"] == "incoming").await;
    assert_eq!(state["active_call"]["number"], "1&calc");
    let of_call = json!({ "call_id": state["active_call"]["call_id"] });
    assert_eq!(program.post("/api/sip/call/answer", of_call.clone()).await.0 / 100, 2);
    program.until(|state| state["active_call"]["state"] == "talking").await;
    assert_eq!(program.post("/api/sip/call/dial", json!({ "phone": "200" })).await.0, 409);
    assert_eq!(program.post("/api/sip/call/hangup", of_call).await.0 / 100, 2);
    program.until(|state| state["active_call"].is_null()).await;

    let (status, dialed) = program.post("/api/sip/call/dial", json!({ "phone": "+7 (200)" })).await;
    assert_eq!(status / 100, 2);
    let state = program.until(|state| state["active_call"]["state"] == "dialing").await;
    assert_eq!(state["active_call"]["call_id"], dialed["call_id"]);
    standin.play(Op::Answer { call: None }).await.unwrap();
    program.until(|state| state["active_call"]["state"] == "talking").await;
    standin.kill();
    let state = program.until(|state| state["phone_status"] == "unavailable").await;
    assert!(state["active_call"].is_null());
    let (status, error) = program.post("/api/sip/call/dial", json!({ "phone": "200" })).await;
    assert_eq!((status, error["error"].as_str()), (503, Some("phone_unavailable")));
    standin.launch().await.unwrap();
    program.until(|state| state["phone_status"] == "available").await;
    standin.play(Op::StackDown { on: true }).await.unwrap();
    let (status, error) = program.post("/api/sip/call/dial", json!({ "phone": "200" })).await;
    assert_eq!((status, error["error"].as_str()), (503, Some("call_initiation_failed")));
}

#[tokio::test]
async fn after_a_hang_up_that_nothing_confirms_the_line_is_free() {
    let data_dir = tempfile::tempdir().unwrap();
    let setup = Setup::with_backend(Path::new(BACKEND), data_dir.path());
    let standin = StandIn::start(&setup).await.unwrap();
    let program = Program::start(standin.exe(), data_dir.path());
    program.until(|state| state["phone_status"] == "available").await;
    standin.ring("100").await.unwrap();
    let state = program.until(|state| state["active_call"]["state"] == "incoming").await;
    let of_call = json!({ "call_id": state["active_call"]["call_id"] });
    assert_eq!(program.post("/api/sip/call/answer", of_call.clone()).await.0 / 100, 2);
    program.until(|state| state["active_call"]["state"] == "talking").await;
    standin.play(Op::LoseWithoutHook { call: None }).await.unwrap();
    assert_eq!(program.post("/api/sip/call/hangup", of_call).await.0 / 100, 2);
    program.until(|state| state["active_call"].is_null()).await;
    let (status, answer) = program.post("/api/sip/call/dial", json!({ "phone": "200" })).await;
    assert_eq!(status, 200, "{answer}");
}
