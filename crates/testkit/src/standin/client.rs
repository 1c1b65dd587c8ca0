//! The stand-in as tests hold it: a real process from its own directory, and the line on which to play.

use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

use super::link::{Door, Op, Reply, Request};
use super::setup::Setup;
use super::state::State;
use crate::Wine;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A stand-in with a directory, and so an executable's path, of its own. Ended when dropped.
#[derive(Debug)]
pub struct StandIn {
    exe: PathBuf,
    wine: Option<Wine>,
    child: Option<Child>,
    line: Mutex<Option<BufReader<TcpStream>>>,
    _dir: TempDir,
}

impl StandIn {
    /// Puts executable and ini into a new directory, without starting it.
    ///
    /// # Errors
    /// The executable can't be built or copied.
    pub fn install(setup: &Setup) -> anyhow::Result<Self> {
        let original = crate::built("testkit", "microsip-standin")?;
        Self::install_from(&original, None, setup, TempDir::with_prefix("microsip-")?)
    }

    /// The one for Windows, in this directory.
    ///
    /// # Errors
    /// It was not built, or can't be copied.
    pub fn install_for_windows(wine: &Wine, setup: &Setup, dir: TempDir) -> anyhow::Result<Self> {
        Self::install_from(&wine.built("microsip-standin")?, Some(wine.clone()), setup, dir)
    }

    fn install_from(original: &Path, wine: Option<Wine>, setup: &Setup, dir: TempDir) -> anyhow::Result<Self> {
        let suffix = if wine.is_some() { ".exe" } else { std::env::consts::EXE_SUFFIX };
        let exe = dir.path().join(format!("microsip{suffix}"));
        // A link has a path of its own just as well, and was never open for writing, which would make starting it fail.
        // Wine takes two links for one program.
        if wine.is_some() || std::fs::hard_link(original, &exe).is_err() {
            std::fs::copy(original, &exe).context("copy the stand-in")?;
        }
        setup.ini().write(&exe.with_extension("ini"))?;
        Ok(Self { exe, wine, child: None, line: Mutex::new(None), _dir: dir })
    }

    /// Installs and launches one.
    ///
    /// # Errors
    /// It can't be built or does not come up.
    pub async fn start(setup: &Setup) -> anyhow::Result<Self> {
        let mut standin = Self::install(setup)?;
        standin.launch().await?;
        Ok(standin)
    }

    /// Starts the process and waits until it takes commands.
    ///
    /// # Errors
    /// It does not come up.
    pub async fn launch(&mut self) -> anyhow::Result<()> {
        self.kill();
        let child = timeout(PATIENCE, self.spawn(&["/minimized"])).await??;
        self.child = Some(child);
        timeout(PATIENCE, self.connect()).await.context("the stand-in did not come up")?
    }

    async fn spawn(&self, arguments: &[&str]) -> anyhow::Result<Child> {
        loop {
            let mut command = match &self.wine {
                Some(wine) => wine.command(&self.exe),
                None => Command::new(&self.exe),
            };
            command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
            match command.spawn() {
                // Another thread's child still holds the freshly copied file open for writing.
                Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => sleep(Duration::from_millis(5)).await,
                other => return other.context("start the stand-in"),
            }
        }
    }

    /// Takes up the line to whatever instance runs from [`Self::exe`], once it is there.
    ///
    /// # Errors
    /// The line breaks while it is set up.
    pub async fn connect(&self) -> anyhow::Result<()> {
        let mut line = self.line.lock().await;
        loop {
            if let Some(stream) = self.greeted().await {
                *line = Some(stream);
                return Ok(());
            }
            sleep(Duration::from_millis(5)).await;
        }
    }

    async fn greeted(&self) -> Option<BufReader<TcpStream>> {
        let door = Door::read(&self.exe)?;
        let mut stream = BufReader::new(TcpStream::connect((Ipv4Addr::LOCALHOST, door.port)).await.ok()?);
        // The port of an instance that is gone may belong to somebody else by now.
        matches!(read(&mut stream).await, Ok(Reply::Hello { pid }) if pid == door.pid).then_some(stream)
    }

    /// The executable: what `--microsip` wants.
    pub fn exe(&self) -> &Path {
        &self.exe
    }

    /// Its settings file.
    pub fn ini_path(&self) -> PathBuf {
        self.exe.with_extension("ini")
    }

    /// Runs another process with these arguments, as whoever drives MicroSIP does, and gives its exit code.
    ///
    /// # Errors
    /// The process can't be started.
    pub async fn command(&self, arguments: &[&str]) -> anyhow::Result<Option<i32>> {
        let mut child = self.spawn(arguments).await?;
        Ok(tokio::task::spawn_blocking(move || child.wait()).await??.code())
    }

    /// Makes something happen; gives the number of the call that it was about.
    ///
    /// # Errors
    /// There is no such call, or the instance is gone.
    pub async fn play(&self, op: Op) -> anyhow::Result<Option<u32>> {
        match self.ask(op.clone()).await? {
            Reply::Done { call } => Ok(call),
            other => bail!("{op:?} got {other:?}"),
        }
    }

    /// A caller with this number calls.
    ///
    /// # Errors
    /// The instance is gone.
    pub async fn ring(&self, user: &str) -> anyhow::Result<u32> {
        let (user, domain, name) = (user.to_owned(), "caller.test".to_owned(), String::new());
        let call = self.play(Op::Ring { user, domain, name, refused: false }).await?;
        call.context("the phone does not ring")
    }

    /// All that it knows of itself.
    ///
    /// # Errors
    /// The instance is gone.
    pub async fn state(&self) -> anyhow::Result<State> {
        match self.ask(Op::State).await? {
            Reply::State(state) => Ok(*state),
            other => bail!("asked for the state, got {other:?}"),
        }
    }

    /// Waits until its state is such.
    ///
    /// # Errors
    /// It does not become such within 30 s; the error shows the last state.
    pub async fn until(&self, such: impl Fn(&State) -> bool) -> anyhow::Result<State> {
        let mut state = self.state().await?;
        let waiting = async {
            while !such(&state) {
                sleep(Duration::from_millis(10)).await;
                state = self.state().await?;
            }
            anyhow::Ok(())
        };
        match timeout(PATIENCE, waiting).await {
            Ok(result) => result.map(|()| state),
            Err(_) => {
                // The line may have been left in mid-answer.
                self.connect().await?;
                bail!("waited in vain; the last state is {:#?}", self.state().await?)
            }
        }
    }

    /// Dies without any hook, and is gone when this returns.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        *self.line.get_mut() = None;
    }

    async fn ask(&self, op: Op) -> anyhow::Result<Reply> {
        let mut line = self.line.lock().await;
        let stream = line.as_mut().context("the stand-in does not run")?;
        let request = serde_json::to_string(&Request::Play(op))?;
        stream.get_mut().write_all(format!("{request}\n").as_bytes()).await?;
        timeout(PATIENCE, read(stream)).await.context("the stand-in does not answer")?
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> anyhow::Result<Reply> {
    let mut line = String::new();
    ensure!(stream.read_line(&mut line).await? > 0, "the stand-in is gone");
    Ok(serde_json::from_str(&line)?)
}
