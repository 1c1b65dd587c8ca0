//! Builds worker and widget and embeds them, by `crates/bundle`; without the feature `assets`, nothing. For Windows, gives the
//! program its icon and its version.

fn main() {
    #[cfg(feature = "assets")]
    bundle::for_build_script();
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "windows") {
        resources();
    }
}

/// What Explorer and the task manager show; a program without it runs as well.
fn resources() {
    const ICON: &str = "backend.ico";
    println!("cargo::rerun-if-changed={ICON}");
    let mut resources = winresource::WindowsResource::new();
    resources.set_icon(ICON).set("FileDescription", "SIP phone for browser tabs").set("ProductName", "SIP phone");
    if let Err(error) = resources.compile_for("backend") {
        println!("cargo::warning=the program has neither icon nor version: {error}");
    }
}
