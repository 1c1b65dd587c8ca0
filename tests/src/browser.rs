//! Chromium, through its WebDriver; one browser with a fresh profile for each test.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use fantoccini::{Client, ClientBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::Mutex;

use crate::process::{Process, kill};
use crate::{DevTools, Tab};

/// Keeps what the page's Content-Security-Policy has refused, for [`Tab::violations`].
const VIOLATIONS: &str = "window.pageViolations = [];
    document.addEventListener('securitypolicyviolation', (event) =>
      pageViolations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));";

/// A running browser, ended when it is dropped.
pub struct Browser {
    client: Client,
    /// Where the driver listens, and its name for this browser.
    session: (String, String),
    /// WebDriver speaks with one window at a time: whoever does, holds this.
    turn: Arc<Mutex<()>>,
    _driver: Child,
    profile: TempDir,
}

impl Browser {
    /// A browser that reaches hosts as they are.
    ///
    /// # Errors
    /// Driver or browser do not start.
    pub async fn start() -> Result<Self> {
        Self::with_arguments(&[]).await
    }

    /// A browser that reaches `backend` by way of `proxy`, while address, Host and Origin stay the backend's.
    ///
    /// # Errors
    /// As [`Browser::start`].
    pub async fn through(proxy: &str, backend: &str) -> Result<Self> {
        Self::with_arguments(&[format!("--host-resolver-rules=MAP {backend} {proxy}")]).await
    }

    /// A browser to which these host names are servers of the test: `("crm.test", "127.0.0.1:40123")`.
    ///
    /// # Errors
    /// As [`Browser::start`].
    pub async fn with_hosts(hosts: &[(&str, &str)]) -> Result<Self> {
        let rules: Vec<String> = hosts.iter().map(|(name, address)| format!("MAP {name} {address}")).collect();
        Self::with_arguments(&[format!("--host-resolver-rules={}", rules.join(","))]).await
    }

    /// A browser with these further options on its command line.
    ///
    /// # Errors
    /// As [`Browser::start`].
    pub async fn with_arguments(arguments: &[String]) -> Result<Self> {
        let launch = || tokio::time::timeout(Duration::from_secs(60), Self::launch(arguments));
        // The free port that a driver has found for itself may be somebody else's by the time it takes it; then it ends.
        for _ in 0..2 {
            if let Ok(Ok(browser)) = launch().await {
                return Ok(browser);
            }
        }
        launch().await.context("Chromium or its driver does not come up")?
    }

    async fn launch(arguments: &[String]) -> Result<Self> {
        let driver = std::env::var_os("CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into());
        let mut driver = Command::new(driver)
            .arg("--port=0") // with --silent it would keep its port to itself
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("chromedriver does not start: run `cargo xtask setup`")?;
        let mut lines = BufReader::new(driver.stdout.take().context("no standard output")?).lines();
        let port = loop {
            let line = lines.next_line().await?.context("chromedriver ended at once")?;
            // "ChromeDriver was started successfully on port 40123."
            if let Some((_, port)) = line.split_once("successfully on port ") {
                break port.trim_end_matches('.').to_owned();
            }
        };
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });

        let profile = TempDir::new()?;
        let mut args = vec![
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(), // Chromium refuses to run as root with it
            "--disable-gpu".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--window-size=1100,800".to_owned(),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        args.extend_from_slice(arguments);
        let mut options = json!({ "args": args });
        if let Some(chromium) = std::env::var_os("CHROMIUM") {
            options["binary"] = json!(chromium.to_string_lossy());
        }
        let capabilities = [
            ("browserName", json!("chrome")),
            ("goog:chromeOptions", options),
            ("goog:loggingPrefs", json!({ "browser": "ALL" })),
        ];
        let capabilities = capabilities.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .context("Chromium does not start")?;
        let id = client.session_id().await?.context("the driver gave no session")?;
        let session = (format!("127.0.0.1:{port}"), id);
        Ok(Self { client, session, turn: Arc::default(), _driver: driver, profile })
    }

    /// Opens a page in a new tab and waits until its phone is there.
    ///
    /// # Errors
    /// The page or the phone does not come.
    pub async fn open(&self, url: &str) -> Result<Tab> {
        let tab = self.open_page(url).await?;
        tab.wait_ready().await?;
        Ok(tab)
    }

    /// Opens a page in a new tab.
    ///
    /// # Errors
    /// The page does not come.
    pub async fn open_page(&self, url: &str) -> Result<Tab> {
        let turn = self.turn.lock().await;
        let window = self.client.new_window(true).await?.handle;
        self.client.switch_to_window(window.clone()).await?;
        // Before any script of the page, and whatever its policy says of scripts.
        let listen = json!({ "cmd": "Page.addScriptToEvaluateOnNewDocument", "params": { "source": VIOLATIONS } });
        self.ask_driver("goog/cdp/execute", &listen).await?;
        self.client.goto(url).await?;
        drop(turn);
        Tab::new(self.client.clone(), self.turn.clone(), window, self.devtools().await?).await
    }

    /// What the pages of all tabs, and the browser about them, have written to the console as errors or warnings since this
    /// was last asked: refused requests, broken policies, uncaught exceptions.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn complaints(&self) -> Result<Vec<String>> {
        let log = self.ask_driver("se/log", &json!({ "type": "browser" })).await?;
        let entries = log.as_array().cloned().unwrap_or_default();
        let bad = entries.iter().filter(|entry| entry["level"] == "SEVERE" || entry["level"] == "WARNING");
        Ok(bad.filter_map(|entry| entry["message"].as_str().map(str::to_owned)).collect())
    }

    /// A command that WebDriver's standard does not know.
    async fn ask_driver(&self, command: &str, body: &Value) -> Result<Value> {
        let (address, id) = &self.session;
        let response =
            reqwest::Client::new().post(format!("http://{address}/session/{id}/{command}")).json(body).send().await?;
        let (status, answer) = (response.status(), response.json::<Value>().await?);
        ensure!(status.is_success(), "{command} was answered with {status}: {}", answer["value"]["message"]);
        Ok(answer["value"].clone())
    }
}

impl Browser {
    /// The browser's own protocol, for what WebDriver has no words for.
    ///
    /// # Errors
    /// The browser does not take the connection.
    pub async fn devtools(&self) -> Result<DevTools> {
        DevTools::connect(self.profile.path()).await
    }
}

impl Browser {
    /// The browser's main process, while it runs: a link in its profile names it, as `HOST-ID`.
    fn process(&self) -> Option<Process> {
        let link = std::fs::read_link(self.profile.path().join("SingletonLock")).ok()?;
        link.to_str()?.rsplit('-').next()?.parse().ok().map(Process)
    }
}

impl Drop for Browser {
    /// A driver that is just killed leaves its browser running, so it is told to quit, also after a failed test.
    fn drop(&mut self) {
        let (address, id) = &self.session;
        let Ok(mut driver) = TcpStream::connect(address) else { return };
        let request = format!("DELETE /session/{id} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        let _ = driver.set_read_timeout(Some(Duration::from_secs(10)));
        // The answer comes when the browser is gone; there is nobody to tell of a failure.
        let _ = driver.write_all(request.as_bytes()).and_then(|()| driver.read(&mut [0; 64]));
        // It stays where the driver's last tab had crashed, and would eat the machine.
        if let Some(process) = self.process() {
            let _ = kill(&[process]);
        }
    }
}
