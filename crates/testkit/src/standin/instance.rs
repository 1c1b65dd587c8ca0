//! The running instance: one main thread that owns the phone and waits for hooks, and a thread for each line to it.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::command::Command;
use super::ini::Ini;
use super::link::{Door, Op, Reply, Request};
use super::phone::{Fired, Phone};
use super::state::{HookRecord, State};
#[cfg(windows)]
use super::windows as platform;

/// How long MicroSIP waits for a hook.
const HOOK_WAIT: Duration = Duration::from_secs(10);

/// One thing for the main thread, and where its answer goes.
pub(super) type Job = (Request, Sender<Reply>);

/// What the lines may see and touch without the main thread.
#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    delivering: AtomicBool,
    ini_locked: AtomicBool,
    /// The ini, while it is locked: for Windows, where other processes are kept out by the system.
    held: Mutex<Option<File>>,
}

impl Shared {
    fn edit<T>(&self, edit: impl FnOnce(&mut State) -> T) -> T {
        edit(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

pub(super) struct Instance {
    phone: Phone,
    ini: Ini,
    ini_path: PathBuf,
    hook_wait: Duration,
    hang_next: bool,
    due: VecDeque<Fired>,
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
    let mut instance = Instance {
        phone: Phone::new(single_mode),
        ini,
        ini_path,
        hook_wait,
        hang_next: false,
        due: VecDeque::new(),
        written: 0,
        shared: Arc::clone(&shared),
    };

    platform::open_window()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Door { port: listener.local_addr()?.port(), pid: std::process::id() }.write(exe)?;
    let (jobs, inbox) = mpsc::channel();
    let ini_path = instance.ini_path.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (jobs, shared, ini_path) = (jobs.clone(), Arc::clone(&shared), ini_path.clone());
            thread::spawn(move || serve(stream, &jobs, &shared, &ini_path));
        }
    });

    instance.obey(first, false);
    instance.phone.state.commands.clear(); // its own command line was not handed over
    instance.publish();
    if let Some(instance) = platform::work(instance, &inbox) {
        instance.ini.write(&instance.ini_path)?;
    }
    std::fs::remove_file(Door::path(exe))?;
    Ok(ExitCode::SUCCESS)
}

/// Without windows: processes hand over by the line on which tests play.
#[cfg(not(windows))]
mod platform {
    use std::sync::mpsc::Receiver;

    use super::{Instance, Job};
    use crate::standin::hooks;

    #[allow(clippy::unnecessary_wraps, reason = "as on Windows")]
    pub(super) fn open_window() -> anyhow::Result<()> {
        Ok(())
    }

    pub(super) fn wake() {}

    /// Obeys until told to exit, and gives the instance back.
    pub(super) fn work(mut instance: Instance, inbox: &Receiver<Job>) -> Option<Instance> {
        loop {
            while let Some(due) = instance.next_hook() {
                let record = due.and_then(|(ini, fired, wait)| hooks::run(&ini, &fired, wait));
                instance.note(record);
            }
            if instance.take(inbox.recv().ok()?) {
                return Some(instance);
            }
        }
    }
}

/// A hook that is due, with what it takes to run it; or none, where its time has been waited for already.
type Due = Option<(Ini, Fired, Duration)>;

impl Instance {
    /// Does what came over a line; `true` if that was to exit.
    pub(super) fn take(&mut self, (request, answer): Job) -> bool {
        let mut exit = false;
        let reply = match &request {
            Request::Deliver { raw } => {
                exit = self.obey(raw, false);
                Reply::Done { call: None }
            }
            Request::Play(op) => {
                self.hang_next |= *op == Op::HangNextHook;
                match self.phone.play(op, now()) {
                    Some((call, fired)) => {
                        self.due.extend(fired);
                        Reply::Done { call }
                    }
                    None => Reply::NoCall,
                }
            }
        };
        self.publish();
        let _ = answer.send(reply);
        exit
    }

    /// Obeys a command line; `true` if that was to exit.
    pub(super) fn obey(&mut self, raw: &str, posted: bool) -> bool {
        let fired = self.phone.obey(raw, now());
        if let Some(record) = self.phone.state.commands.last_mut() {
            record.posted = posted;
        }
        self.due.extend(fired);
        self.publish();
        Command::parse(raw) == Command::Exit
    }

    /// Its SIP stack is down.
    #[cfg(windows)]
    pub(super) fn is_down(&self) -> bool {
        self.phone.state.stack_down
    }

    /// It takes messages that are to be put aside.
    #[cfg(windows)]
    pub(super) fn knows_posted(&self) -> bool {
        self.ini.value("StandIn", "posted").is_none_or(|value| value != "0")
    }

    /// The next hook to run, if there is any.
    pub(super) fn next_hook(&mut self) -> Option<Due> {
        let fired = self.due.pop_front()?;
        if std::mem::take(&mut self.hang_next) {
            thread::sleep(self.hook_wait);
            return Some(None);
        }
        Some(Some((self.ini.clone(), fired, self.hook_wait)))
    }

    /// How it went.
    pub(super) fn note(&mut self, record: Option<HookRecord>) {
        if let Some(record) = record {
            self.phone.state.hooks.push(record);
            self.publish();
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

fn serve(stream: TcpStream, jobs: &Sender<Job>, shared: &Shared, ini_path: &Path) {
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
        if !say(&reply_to(request, jobs, shared, ini_path)) {
            return;
        }
    }
}

fn reply_to(request: Request, jobs: &Sender<Job>, shared: &Shared, ini_path: &Path) -> Reply {
    let deliver = matches!(request, Request::Deliver { .. });
    match &request {
        // Answered here, so that a test can look while the main thread waits for a hook.
        Request::Play(Op::State) => return Reply::State(Box::new(shared.edit(|state| state.clone()))),
        Request::Play(Op::Crash) => std::process::exit(101),
        Request::Play(Op::LockIni { on }) => {
            shared.ini_locked.store(*on, Ordering::SeqCst);
            let mut held = shared.held.lock().unwrap_or_else(PoisonError::into_inner);
            *held = on.then(|| hold(ini_path)).flatten();
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
        // On Windows a process hands over by the window, and comes here only when it found the ini in use by another one.
        Request::Deliver { .. } if cfg!(windows) => {
            shared.delivering.store(false, Ordering::SeqCst);
            shared.edit(|state| state.overlaps += 1);
            return Reply::Modal;
        }
        _ => {}
    }
    let (answer, reply) = mpsc::channel();
    let sent = jobs.send((request, answer));
    platform::wake();
    let reply = sent.ok().and_then(|()| reply.recv().ok()).unwrap_or(Reply::NoCall);
    if deliver {
        shared.delivering.store(false, Ordering::SeqCst);
    }
    reply
}

/// Opens a file so that nobody else can.
#[cfg(windows)]
fn hold(path: &Path) -> Option<File> {
    use std::os::windows::fs::OpenOptionsExt;

    File::options().read(true).share_mode(0).open(path).ok()
}

/// As above: elsewhere no file keeps others out.
#[cfg(not(windows))]
fn hold(_path: &Path) -> Option<File> {
    None
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
