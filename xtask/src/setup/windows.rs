//! What links programs for Windows: mingw's gcc, and its resource compiler.

use anyhow::{Context, Result, ensure};

use super::{apt, browser};

/// What the names of mingw's programs begin with.
pub(crate) const MINGW_PREFIX: &str = "x86_64-w64-mingw32-";
/// The one that the compiler calls.
pub(super) const LINKER: &str = "x86_64-w64-mingw32-gcc";
/// The half of `gcc-mingw-w64-x86-64` that is enough: Rust does not use the threads of the other one.
const PACKAGES: [&str; 1] = ["gcc-mingw-w64-x86-64-win32"];

pub(crate) fn find() -> bool {
    [LINKER.to_owned(), format!("{MINGW_PREFIX}windres")].iter().all(|program| browser::on_path(program).is_some())
}

pub(crate) fn install() -> Result<()> {
    let advice = "programs for Windows are linked by mingw: install it (on Debian: `apt-get install gcc-mingw-w64-x86-64` as root) \
         and put x86_64-w64-mingw32-gcc on PATH";
    apt::install(&PACKAGES).context(advice)?;
    ensure!(find(), advice);
    Ok(())
}
