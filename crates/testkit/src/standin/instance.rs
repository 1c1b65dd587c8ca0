//! The running instance: one main thread that owns the phone and waits for hooks, and a thread for each line to it.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::command::Command;
use super::hooks;
use super::ini::Ini;
use super::link::{Door, Op, Reply, Request};
use super::phone::{Fired, Phone};
use super::state::State;

/// How long MicroSIP waits for a hook.
const HOOK_WAIT: Duration = Duration::from_secs(10);

/// One thing for the main thread, and where its answer goes.
type Job = (Request, Sender<Reply>);

/// What the lines may see and touch without the main thread.
#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    delivering: AtomicBool,
    ini_locked: AtomicBool,
}

impl Shared {
    fn edit<T>(&self, edit: impl FnOnce(&mut State) -> T) -> T {
        edit(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Instance {
    phone: Phone,
    ini: Ini,
    ini_path: PathBuf,
    hook_wait: Duration,
    hang_next: bool,
    written: usize,
    shared: Arc<Shared>,
}

/// Runs until told to exit. `first` is the command that started it.
pub(super) fn run(exe: &Path, first: &str) -> anyhow::Result<ExitCode> {
    let ini_path = exe.with_extension("ini");
    let ini = Ini::read(&ini_path).unwrap_or_default();
    let single_mode = ini.value("Settings", "singleMode").is_none_or(|value| value != "0");
    let hook_wait = ini.value("StandIn", "hookWaitMs").and_then(|ms| ms.parse().ok());
    let hook_wait = hook_wait.map_or(HOOK_WAIT, Duration::from_millis);
    let shared = Arc::new(Shared::default());
    let phone = Phone::new(single_mode);
    let mut instance =
        Instance { phone, ini, ini_path, hook_wait, hang_next: false, written: 0, shared: Arc::clone(&shared) };

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Door { port: listener.local_addr()?.port(), pid: std::process::id() }.write(exe)?;
    let (jobs, inbox) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (jobs, shared) = (jobs.clone(), Arc::clone(&shared));
            thread::spawn(move || serve(stream, &jobs, &shared));
        }
    });

    let fired = instance.phone.obey(first, now());
    instance.phone.state.commands.clear(); // its own command line was not handed over
    instance.run_hooks(fired);
    instance.work(&inbox);
    instance.ini.write(&instance.ini_path)?;
    std::fs::remove_file(Door::path(exe))?;
    Ok(ExitCode::SUCCESS)
}

impl Instance {
    fn work(&mut self, inbox: &Receiver<Job>) {
        while let Ok((request, answer)) = inbox.recv() {
            let (reply, fired) = match &request {
                Request::Deliver { raw } => (Reply::Done { call: None }, self.phone.obey(raw, now())),
                Request::Play(op) => {
                    self.hang_next |= *op == Op::HangNextHook;
                    match self.phone.play(op, now()) {
                        Some((call, fired)) => (Reply::Done { call }, fired),
                        None => (Reply::NoCall, Vec::new()),
                    }
                }
            };
            self.publish();
            let _ = answer.send(reply);
            if matches!(&request, Request::Deliver { raw } if Command::parse(raw) == Command::Exit) {
                return;
            }
            self.run_hooks(fired);
        }
    }

    fn run_hooks(&mut self, fired: Vec<Fired>) {
        self.publish();
        for fired in fired {
            if std::mem::take(&mut self.hang_next) {
                thread::sleep(self.hook_wait);
                continue;
            }
            if let Some(record) = hooks::run(&self.ini, &fired, self.hook_wait) {
                self.phone.state.hooks.push(record);
                self.publish();
            }
        }
    }

    /// Shows the phone's state, after its history is in the file: a hook reads it there.
    fn publish(&mut self) {
        let new = &self.phone.state.history[self.written..];
        for (place, line) in new.iter().enumerate() {
            let key = (self.written + place).to_string();
            let name = line.name.replace(';', "");
            let text = format!("{};{name};{};{};{};{}", line.number, line.kind, line.at, line.seconds, line.info);
            self.ini.set("Calls", &key, &text.replace(['\r', '\n'], " "));
            self.ini.set("Settings", "callsLastKey", &key);
        }
        if !new.is_empty() {
            self.written = self.phone.state.history.len();
            let _ = self.ini.write(&self.ini_path); // a read-only file loses history, as it does there
        }
        self.shared.edit(|seen| {
            let (overlaps, locked_out) = (seen.overlaps, seen.locked_out);
            *seen = State { overlaps, locked_out, ..self.phone.state.clone() };
        });
    }
}

fn serve(stream: TcpStream, jobs: &Sender<Job>, shared: &Shared) {
    let Ok(mut out) = stream.try_clone() else { return };
    let mut say = move |reply: &Reply| {
        let line = serde_json::to_string(reply).unwrap_or_default();
        writeln!(out, "{line}").is_ok()
    };
    if !say(&Reply::Hello { pid: std::process::id() }) {
        return;
    }
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        let Ok(request) = serde_json::from_str(&line) else { return };
        if !say(&reply_to(request, jobs, shared)) {
            return;
        }
    }
}

fn reply_to(request: Request, jobs: &Sender<Job>, shared: &Shared) -> Reply {
    let deliver = matches!(request, Request::Deliver { .. });
    match &request {
        // Answered here, so that a test can look while the main thread waits for a hook.
        Request::Play(Op::State) => return Reply::State(Box::new(shared.edit(|state| state.clone()))),
        Request::Play(Op::Crash) => std::process::exit(101),
        Request::Play(Op::LockIni { on }) => {
            shared.ini_locked.store(*on, Ordering::SeqCst);
            return Reply::Done { call: None };
        }
        Request::Deliver { .. } if shared.ini_locked.load(Ordering::SeqCst) => {
            shared.edit(|state| state.locked_out += 1);
            return Reply::Modal;
        }
        Request::Deliver { .. } if shared.delivering.swap(true, Ordering::SeqCst) => {
            shared.edit(|state| state.overlaps += 1);
            return Reply::Modal;
        }
        _ => {}
    }
    let (answer, reply) = mpsc::channel();
    let sent = jobs.send((request, answer));
    let reply = sent.ok().and_then(|()| reply.recv().ok()).unwrap_or(Reply::NoCall);
    if deliver {
        shared.delivering.store(false, Ordering::SeqCst);
    }
    reply
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
