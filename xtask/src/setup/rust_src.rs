//! Builds std for another target from Debian's package `rust-src`, for machines that reach the distribution's archive but not rustup's server.
//!
//! The package is looked for in other suites than the system's, through a private apt state: nothing of the system's apt changes.
//! apt checks the archive's signatures as always. Where the machine's keys are too old for a newer suite, that suite is passed over,
//! and never trusted blindly.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::target::{TARGET, lib_dir};
use crate::cmd;

/// Where a recent compiler's sources are found, the smallest index first; by alias, since code names age.
const SUITES: [&str; 5] = ["stable-backports", "testing", "unstable", "stable", "oldstable-backports"];
/// The archive's own keys. Absent on derivatives, where apt then takes the keys that it trusts anyway.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// True where there is an apt to ask.
pub(crate) fn possible() -> bool {
    cfg!(target_os = "linux")
        && Command::new("apt-get").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Builds the libraries and puts them where the compiler looks.
pub(crate) fn build_std(sysroot: &Path, target: &str) -> Result<()> {
    let work = Scratch::new()?;
    let sources = sysroot.join("lib/rustlib/src/rust/library");
    // Sources that a rustup component put there are used, and stay.
    let borrowed = !sources.join("std/Cargo.toml").exists();
    if borrowed {
        let unpacked = download(&work.0, target)?;
        place_whole(&unpacked.join("library"), &sources)
            .context("the Rust sources cannot be put into the toolchain: run this as the user who installed Rust")?;
    }
    let built = compile(&work.0, target).and_then(|rlibs| install(&rlibs, &lib_dir(sysroot, target)));
    if borrowed {
        fs::remove_dir_all(&sources).with_context(|| format!("{} cannot be removed again", sources.display()))?;
    }
    built
}

/// Finds the package of the compiler's version and unpacks it.
fn download(work: &Path, target: &str) -> Result<PathBuf> {
    let version = compiler_version()?;
    let archive = archive()?;
    for suite in SUITES {
        println!("    looking for rust-src {version} in {suite}");
        let apt = Apt::new(work, &archive, suite)?;
        if let Err(error) = apt.update() {
            println!("    {suite} is passed over: {error:#}");
            continue;
        }
        let Some(package) = apt.version_of("rust-src", &version)? else { continue };
        println!("    downloading rust-src {package}");
        cmd::read(apt.command("apt-get").arg("download").arg(format!("rust-src={package}")).current_dir(work))?;
        let deb = only_file(work, "deb")?;
        let unpacked = work.join("unpacked");
        cmd::read(Command::new("dpkg-deb").arg("-x").arg(deb).arg(&unpacked))?;
        return source_root(&unpacked.join("usr/src"));
    }
    bail!(
        "no suite of the distribution has rust-src {version}: run `rustup target add {target}` where rustup's server can be reached, \
         or install a Rust whose sources the distribution has"
    )
}

/// `usr/src` holds `rustc-<version>/library`.
fn source_root(src: &Path) -> Result<PathBuf> {
    let mut found = fs::read_dir(src)?.flatten().map(|entry| entry.path());
    found.find(|path| path.join("library/std").exists()).context("the package rust-src holds no library/std")
}

fn compiler_version() -> Result<String> {
    let text = cmd::read(Command::new("rustc").arg("--version"))?;
    text.split_whitespace().nth(1).map(str::to_owned).with_context(|| format!("`rustc --version` says `{text}`"))
}

/// The main archive's address, as this machine's apt knows it.
fn archive() -> Result<String> {
    let listed =
        cmd::read(Command::new("apt-get").args(["indextargets", "--no-release-info", "--format", "$(REPO_URI)"]))?;
    let mut addresses = listed.lines().map(|line| line.trim_end_matches('/'));
    let found = addresses.find(|address| address.ends_with("/debian"));
    found.map(str::to_owned).context("apt names no Debian archive from which the Rust sources could be taken")
}

/// Compiles std for the target in an empty crate; gives the directory of the results.
fn compile(work: &Path, target: &str) -> Result<PathBuf> {
    let package = work.join("empty");
    fs::create_dir_all(package.join("src"))?;
    fs::write(package.join("Cargo.toml"), "[package]\nname = \"empty\"\nedition = \"2024\"\n[workspace]\n")?;
    fs::write(package.join("src/lib.rs"), "#![no_std]\n")?;
    let target_dir = work.join("target");
    let mut cargo = cmd::cargo();
    // In the browser a panic ends the program; elsewhere it is caught.
    let parts = if target == TARGET { "std,panic_abort,test" } else { "std,panic_unwind,test" };
    cargo.args(["build", "--release", &format!("-Zbuild-std={parts}"), "--target", target]);
    // std is unstable by nature; without bitcode in it, a build with LTO fails.
    cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Cembed-bitcode=yes").env_remove("CARGO_ENCODED_RUSTFLAGS");
    cmd::run(cargo.env("CARGO_TARGET_DIR", &target_dir).current_dir(&package))?;
    Ok(target_dir.join(target).join("release/deps"))
}

fn install(rlibs: &Path, destination: &Path) -> Result<()> {
    let chosen = rlibs.with_file_name("chosen");
    fs::create_dir_all(&chosen)?;
    for file in fs::read_dir(rlibs)?.flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libempty-") {
            fs::copy(file.path(), chosen.join(name))?;
        }
    }
    place_whole(&chosen, destination)
}

/// Copies a directory so that it is either wholly there or not at all.
fn place_whole(from: &Path, to: &Path) -> Result<()> {
    let partial = to.with_extension("partial");
    if partial.exists() {
        fs::remove_dir_all(&partial)?;
    }
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    cmd::read(Command::new("cp").arg("-r").arg(from).arg(&partial))?;
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::rename(&partial, to).with_context(|| format!("{} cannot be written", to.display()))
}

fn only_file(dir: &Path, extension: &str) -> Result<PathBuf> {
    let mut paths = fs::read_dir(dir)?.flatten().map(|entry| entry.path());
    paths
        .find(|path| path.extension().is_some_and(|found| found == extension))
        .with_context(|| format!("the download left no .{extension} file"))
}

/// An apt that knows one suite and writes nothing outside its directory.
struct Apt {
    dir: PathBuf,
}

impl Apt {
    fn new(work: &Path, archive: &str, suite: &str) -> Result<Self> {
        let dir = work.join(suite);
        for part in ["lists/partial", "cache/archives/partial", "parts"] {
            fs::create_dir_all(dir.join(part))?;
        }
        let signed = if Path::new(KEYRING).exists() { format!("signed-by={KEYRING}") } else { String::new() };
        fs::write(dir.join("sources.list"), format!("deb [target=Packages {signed}] {archive} {suite} main\n"))?;
        Ok(Self { dir })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let mut option = |name: &str, value: &str| {
            command.arg("-o").arg(format!("{name}={value}"));
        };
        option("Dir::State::lists", &self.path("lists"));
        option("Dir::Cache", &self.path("cache"));
        option("Dir::Etc::sourcelist", &self.path("sources.list"));
        option("Dir::Etc::sourceparts", &self.path("parts"));
        // The private directory is not open to apt's own user.
        option("APT::Sandbox::User", "root");
        option("Acquire::Retries", "2");
        option("Acquire::http::Timeout", "20");
        command
    }

    /// Fails when the index is out of reach or not signed by a known key, where apt alone would go on with a warning.
    fn update(&self) -> Result<()> {
        cmd::read(self.command("apt-get").args(["update", "--error-on=any"])).map(drop)
    }

    /// The package's full version for this compiler: `1.95.0+dfsg1-2` for `1.95.0`.
    fn version_of(&self, package: &str, compiler: &str) -> Result<Option<String>> {
        let listed = cmd::read(self.command("apt-cache").args(["madison", package]))?;
        let mut versions = listed.lines().filter_map(|line| line.split('|').nth(1)).map(str::trim);
        let wanted =
            |version: &&str| version.strip_prefix(compiler).is_some_and(|rest| rest.starts_with(['+', '-', '~']));
        Ok(versions.find(wanted).map(str::to_owned))
    }

    fn path(&self, part: &str) -> String {
        self.dir.join(part).display().to_string()
    }
}

/// A directory for the work, gone when it is done.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self> {
        let dir = env::temp_dir().join(format!("sip-phone-setup-{}", std::process::id()));
        fs::create_dir_all(&dir)?;
        Ok(Self(dir))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Left-overs in the temporary directory harm nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}
