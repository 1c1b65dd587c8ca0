//! The real backend as a process, in a data directory of its own: of these sources, or of the build that stands for a later
//! release.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use protocol::wire::rest::COMMAND_MS;
use serde_json::Value;
use tempfile::TempDir;
use testkit::Wine;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::{Process, until};

/// Which backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// These sources.
    This,
    /// With the cargo feature `next`: a later release, with another protocol number.
    Next,
}

/// What is started: a program of this system, or one for Windows.
#[derive(Clone, Debug)]
struct Program {
    exe: PathBuf,
    wine: Option<Wine>,
}

impl Program {
    fn command(&self) -> Command {
        match &self.wine {
            Some(wine) => wine.command(&self.exe).into(),
            None => Command::new(&self.exe),
        }
    }

    /// A path of this machine, as the program knows it.
    fn path(&self, path: &Path) -> PathBuf {
        if self.wine.is_some() { Wine::path(path) } else { path.to_owned() }
    }
}

/// A backend that runs until it is dropped.
pub struct Backend {
    process: Child,
    program: Program,
    /// `127.0.0.1:PORT`.
    pub address: String,
    build: Build,
    data_dir: Arc<TempDir>,
    options: Vec<OsString>,
    log: Arc<Mutex<String>>,
    started: Instant,
    http: reqwest::Client,
}

impl Backend {
    /// One with the simulator engine.
    ///
    /// # Errors
    /// It can't be built or does not come up.
    pub async fn simulator() -> Result<Self> {
        Self::with_options(["--engine", "simulator"]).await
    }

    /// One that drives this softphone.
    ///
    /// # Errors
    /// As [`Backend::simulator`].
    pub async fn microsip(data_dir: TempDir, exe: &Path) -> Result<Self> {
        let options = ["--engine".into(), "microsip".into(), "--microsip".into(), exe.into()];
        Self::start(Build::This, Arc::new(data_dir), "127.0.0.1:0", options.to_vec()).await
    }

    /// One with these options, besides its address and its data directory.
    ///
    /// # Errors
    /// As [`Backend::simulator`].
    pub async fn with_options(options: impl IntoIterator<Item = impl Into<OsString>>) -> Result<Self> {
        let options = options.into_iter().map(Into::into).collect();
        Self::start(Build::This, Arc::new(TempDir::new()?), "127.0.0.1:0", options).await
    }

    /// One of this build, with the simulator engine.
    ///
    /// # Errors
    /// As [`Backend::simulator`].
    pub async fn of(build: Build) -> Result<Self> {
        let options = ["--engine", "simulator"].map(OsString::from).to_vec();
        Self::start(build, Arc::new(TempDir::new()?), "127.0.0.1:0", options).await
    }

    /// Another program than these sources', say of an earlier build, with the simulator engine. It is not to be restarted.
    ///
    /// # Errors
    /// It does not come up.
    pub async fn of_program(exe: &Path) -> Result<Self> {
        let options = ["--engine", "simulator"].map(OsString::from).to_vec();
        let program = Program { exe: exe.to_owned(), wine: None };
        Self::launch(program, Build::This, Arc::new(TempDir::new()?), "127.0.0.1:0", options).await
    }

    /// This one for Windows, with these options besides its address and its data directory.
    ///
    /// # Errors
    /// It does not come up.
    pub async fn for_windows(
        wine: &Wine,
        exe: &Path,
        data_dir: TempDir,
        options: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Result<Self> {
        let program = Program { exe: exe.to_owned(), wine: Some(wine.clone()) };
        let options = options.into_iter().map(Into::into).collect();
        Self::launch(program, Build::This, Arc::new(data_dir), "127.0.0.1:0", options).await
    }

    async fn start(build: Build, data_dir: Arc<TempDir>, listen: &str, options: Vec<OsString>) -> Result<Self> {
        let exe = match build {
            Build::This => executable()?,
            Build::Next => testkit::built_next("backend")?,
        };
        Self::launch(Program { exe, wine: None }, build, data_dir, listen, options).await
    }

    async fn launch(
        program: Program,
        build: Build,
        data_dir: Arc<TempDir>,
        listen: &str,
        options: Vec<OsString>,
    ) -> Result<Self> {
        let mut command = program.command();
        command.args(["--listen", listen, "--data-dir"]).arg(program.path(data_dir.path())).args(&options);
        command.env("SIP_PHONE_LOG", "warn").current_dir(data_dir.path()).kill_on_drop(true);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().context("the backend does not start")?;
        let mut lines = BufReader::new(process.stdout.take().context("no standard output")?).lines();
        let line = lines.next_line().await?.context("the backend ended before it was ready")?;
        let address =
            line.strip_prefix("listening on http://").with_context(|| format!("it said {line:?}"))?.to_owned();
        // Whoever reads no further would block it once the pipe is full.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let log = Arc::default();
        let mut said = BufReader::new(process.stderr.take().context("no standard error")?).lines();
        let kept: Arc<Mutex<String>> = Arc::clone(&log);
        tokio::spawn(async move {
            while let Ok(Some(line)) = said.next_line().await {
                eprintln!("{line}");
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.push_str(&line);
                kept.push('\n');
            }
        });
        Ok(Self {
            process,
            program,
            address,
            build,
            data_dir,
            options,
            log,
            started: Instant::now(),
            http: reqwest::Client::new(),
        })
    }

    /// Kills it without a word, if it still runs, and starts it again at the same address with the same data.
    ///
    /// # Errors
    /// It does not come up again.
    pub async fn restart(&mut self) -> Result<()> {
        if self.program.wine.is_none() {
            return self.replace_by(self.build).await;
        }
        self.kill().await?;
        let (program, data_dir, options) = (self.program.clone(), self.data_dir.clone(), self.options.clone());
        *self = Self::launch(program, self.build, data_dir, &self.address, options).await?;
        Ok(())
    }

    /// Kills it without a word, and starts this build at the same address with the same data.
    ///
    /// # Errors
    /// It does not come up.
    pub async fn replace_by(&mut self, build: Build) -> Result<()> {
        self.kill().await?;
        *self = Self::start(build, self.data_dir.clone(), &self.address, self.options.clone()).await?;
        Ok(())
    }

    /// The process.
    ///
    /// # Errors
    /// It has ended.
    pub fn process(&self) -> Result<Process> {
        self.process.id().map(Process).context("the backend has ended")
    }

    /// Waits until it has run for longer than any command is repeated: from then on it knows of each whether it was carried out.
    ///
    /// # Errors
    /// None, in time.
    pub async fn knows_all_commands(&self) -> Result<()> {
        // With the time that it allows for requests that were slow on their way.
        let long = Duration::from_millis(COMMAND_MS + 5_000);
        until("the backend is old", || async { Ok((self.started.elapsed() > long).then_some(())) }).await
    }

    /// What it has logged since its start: warnings and errors.
    pub fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Kills it without a word, if it still runs.
    ///
    /// # Errors
    /// It can't be killed.
    pub async fn kill(&mut self) -> Result<()> {
        if self.process.id().is_some() {
            self.process.kill().await.context("it can't be killed")?;
        }
        Ok(())
    }

    /// The call history's file, once it has all calls that have ended so far.
    ///
    /// # Errors
    /// There is none.
    pub async fn history_file(&self) -> Result<String> {
        let path = self.data_dir.path().join("calls.jsonl");
        let newest = self.fetch("/api/sip/calls?limit=1").await?["calls"][0]["call_id"].clone();
        let wanted = newest.as_str().unwrap_or_default();
        let read = || async { Ok(Some(std::fs::read_to_string(&path)?).filter(|text| text.contains(wanted))) };
        until("the history is written", read).await
    }

    /// The demo page.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// POSTs to its API as a program would.
    ///
    /// # Errors
    /// The request fails, or is not answered with 2xx.
    pub async fn post(&self, path: &str, body: Value) -> Result<Value> {
        let response = self.http.post(format!("http://{}{path}", self.address)).json(&body).send().await?;
        let (status, text) = (response.status(), response.text().await?);
        ensure!(status.is_success(), "{path} was answered with {status}: {text}");
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// GETs a JSON document of its API.
    ///
    /// # Errors
    /// The request fails, or the answer is not JSON.
    pub async fn fetch(&self, path: &str) -> Result<Value> {
        Ok(self.http.get(format!("http://{}{path}", self.address)).send().await?.json().await?)
    }

    /// A served file.
    ///
    /// # Errors
    /// The request fails, or there is no such file.
    pub async fn file(&self, path: &str) -> Result<Vec<u8>> {
        let response = self.http.get(format!("http://{}{path}", self.address)).send().await?;
        Ok(response.error_for_status()?.bytes().await?.to_vec())
    }

    /// The snapshot.
    ///
    /// # Errors
    /// The request fails.
    pub async fn state(&self) -> Result<Value> {
        self.fetch("/api/sip/state").await
    }

    /// The value of one metric, labels included in the name; 0 where there is none yet.
    ///
    /// # Errors
    /// The request fails.
    pub async fn metric(&self, name: &str) -> Result<f64> {
        let text = self.http.get(format!("http://{}/metrics", self.address)).send().await?.text().await?;
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
        Ok(value.unwrap_or(0.0))
    }

    /// The streams that are open at the server.
    ///
    /// # Errors
    /// The request fails.
    pub async fn sse_connections(&self) -> Result<u64> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Ok(self.metric("sip_phone_sse_connections").await? as u64)
    }
}

/// The executable that belongs to these sources.
///
/// # Errors
/// It does not build.
pub fn executable() -> Result<PathBuf> {
    testkit::built("backend", "backend")
}
