//! An intranet system of the test's own, of another origin than the backend's: a backend that allows it, its pages, a browser.

use anyhow::{Context, Result};
use intranet::{BackendOrigin, Intranet, Page};

use crate::{Backend, Browser, Tab};

/// The host name under which the browser finds the pages. Not a loopback name, so not a secure context: as intranets are.
const HOST: &str = "crm.test";
/// The same pages under a name that the backend does not allow.
const FOREIGN: &str = "evil.test";

/// Pages of `http://crm.test`, a simulator backend that allows them, and a browser that finds both.
pub struct Site {
    /// The backend.
    pub backend: Backend,
    /// The browser.
    pub browser: Browser,
    _pages: Intranet,
}

impl Site {
    /// One with these pages, each with its path; in their texts `__BACKEND__` stands for the backend's origin.
    ///
    /// # Errors
    /// One of the three does not come up.
    pub async fn with(pages: impl IntoIterator<Item = (&'static str, Page)>) -> Result<Self> {
        Self::made_of(|_| pages.into_iter().collect()).await
    }

    /// One with the pages of the second demo.
    ///
    /// # Errors
    /// As [`Site::with`].
    pub async fn demo() -> Result<Self> {
        Self::made_of(intranet::demo::pages).await
    }

    /// A page with a public address, as far as the browser knows, and a secure one; it keeps a copy of the phone's files of its
    /// own. Chrome lets such a page reach this computer only by the operator's leave.
    ///
    /// # Errors
    /// As [`Site::with`].
    pub async fn public(page: &str) -> Result<Self> {
        let backend = Self::backend().await?;
        let script = "/sip-phone-widget.js";
        let code = String::from_utf8(backend.file(script).await?)?;
        let wasm =
            code.split(['`', '"', '\'', '}']).find(|it| it.starts_with("/sip-phone-widget-") && it.ends_with(".wasm"));
        let wasm = wasm.context("the script names no wasm")?.to_owned();
        let bytes = backend.file(&wasm).await?;
        let pages = [
            ("/".to_owned(), Page::html(page).with("__BACKEND__", &format!("http://{}", backend.address))),
            (script.to_owned(), Page::script(code)),
            (wasm, Page::new("application/wasm", bytes)),
        ];
        let pages = Intranet::serve("127.0.0.1:0", pages).await?;
        let address = pages.address;
        let browser = Browser::with_arguments(&[
            format!("--host-resolver-rules=MAP {HOST} {address}"),
            format!("--ip-address-space-overrides={address}=public"),
            format!("--unsafely-treat-insecure-origin-as-secure=http://{HOST}"),
        ])
        .await?;
        Ok(Self { backend, browser, _pages: pages })
    }

    async fn backend() -> Result<Backend> {
        Backend::with_options(["--engine", "simulator", "--allow-origin", &format!("http://{HOST}")]).await
    }

    async fn made_of(pages: impl FnOnce(&BackendOrigin) -> Vec<(&'static str, Page)>) -> Result<Self> {
        let backend = Self::backend().await?;
        let origin: BackendOrigin = format!("http://{}", backend.address).parse()?;
        let text = origin.to_string();
        let pages = pages(&origin).into_iter().map(|(path, page)| (path, page.with("__BACKEND__", &text)));
        let pages = Intranet::serve("127.0.0.1:0", pages).await?;
        let address = pages.address.to_string();
        let browser = Browser::with_hosts(&[(HOST, &address), (FOREIGN, &address)]).await?;
        Ok(Self { backend, browser, _pages: pages })
    }

    /// Opens a page by its path and waits until its phone is there.
    ///
    /// # Errors
    /// The page or the phone does not come.
    pub async fn open(&self, path: &str) -> Result<Tab> {
        self.browser.open(&Self::url(path)).await
    }

    /// Opens a page by its path.
    ///
    /// # Errors
    /// The page does not come.
    pub async fn open_page(&self, path: &str) -> Result<Tab> {
        self.browser.open_page(&Self::url(path)).await
    }

    /// Opens a page by its path under a name that the backend does not allow.
    ///
    /// # Errors
    /// The page does not come.
    pub async fn open_foreign(&self, path: &str) -> Result<Tab> {
        self.browser.open_page(&format!("http://{FOREIGN}{path}")).await
    }

    /// The address of a page.
    pub fn url(path: &str) -> String {
        format!("http://{HOST}{path}")
    }
}
