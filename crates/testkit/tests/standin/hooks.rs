//! The table of hooks, and how a hook is run.

use std::time::Duration;

use anyhow::Result;
use testkit::standin::{Op, Setup, StandIn, split_command_line};

use super::{Scribe, hooks, read_ini, ring};

/// Plays a row and compares the hooks with its expectation.
async fn row(play: &[Op], commands: &[&str], expected: &[&str]) -> Result<()> {
    let scribe = Scribe::new()?;
    let standin = StandIn::start(&scribe.setup()).await?;
    for op in play {
        standin.play(op.clone()).await?;
    }
    for command in commands {
        assert_eq!(standin.command(&[command]).await?, Some(0));
    }
    let mut expected: Vec<String> = expected.iter().map(|name| format!("{name} 100")).collect();
    assert_eq!(hooks(&standin, expected.len()).await?, expected);
    // One more, to see that nothing came in between.
    standin.play(ring("200", true)).await?;
    expected.push("IncomingCall 200".to_owned());
    assert_eq!(hooks(&standin, expected.len()).await?, expected);
    Ok(())
}

fn dial() -> Op {
    Op::Command { raw: "100".to_owned() }
}

#[tokio::test]
async fn the_table() -> Result<()> {
    let incoming = || ring("100", false);
    row(
        &[dial(), Op::Answer { call: None }, Op::Hangup { call: None }],
        &[],
        &["OutgoingCall", "CallStart", "CallEnd"],
    )
    .await?;
    row(&[dial(), Op::Busy { call: None }], &[], &["OutgoingCall", "CallBusy"]).await?;
    row(&[dial(), Op::Fail { call: None }], &[], &["OutgoingCall", "CallEnd"]).await?;
    row(&[dial()], &["/hangupcalling"], &["OutgoingCall", "CallEnd"]).await?;
    row(
        &[incoming(), Op::WindowAnswer { call: None }, Op::Hangup { call: None }],
        &[],
        &["IncomingCall", "CallRing", "CallAnswer", "CallStart", "CallEnd"],
    )
    .await?;
    row(&[incoming(), Op::GiveUp { call: None }], &[], &["IncomingCall", "CallRing", "CallEnd"]).await?;
    row(&[incoming(), Op::TakenElsewhere { call: None }], &[], &["IncomingCall", "CallRing", "CallEnd"]).await?;
    row(&[incoming(), Op::WindowReject { call: None }], &[], &["IncomingCall", "CallRing", "CallBusy"]).await?;
    row(&[incoming()], &["/hangupincoming"], &["IncomingCall", "CallRing", "CallEnd"]).await?;
    row(&[ring("100", true)], &[], &["IncomingCall"]).await?;
    row(&[incoming(), Op::LoseWithoutHook { call: None }], &[], &["IncomingCall", "CallRing"]).await
}

#[tokio::test]
async fn a_hook_gets_the_callers_text_as_windows_would_split_it() -> Result<()> {
    let scribe = Scribe::new()?;
    let standin = StandIn::start(&scribe.setup()).await?;
    standin.play(ring("1&calc", true)).await?;
    standin.play(ring("a \"b c\" --d", true)).await?;
    standin.play(ring("$(reboot);%PATH%^", true)).await?;
    standin.play(ring("", true)).await?;
    hooks(&standin, 4).await?;
    let expected =
        "<-x><incoming><1&calc>\n<-x><incoming><a><b c><--d>\n<-x><incoming><$(reboot);%PATH%^>\n<-x><incoming>\n";
    assert_eq!(scribe.notes(), expected);
    Ok(())
}

#[tokio::test]
async fn history_is_written_before_the_end_and_names_the_domain_for_nobody() -> Result<()> {
    let standin = StandIn::start(&Scribe::new()?.setup()).await?;
    standin.play(ring("", false)).await?;
    standin.play(Op::GiveUp { call: None }).await?;
    assert_eq!(hooks(&standin, 3).await?.last().map(String::as_str), Some("CallEnd caller.test"));
    standin.play(ring("100", false)).await?;
    standin.play(Op::TakenElsewhere { call: None }).await?;
    let ini = read_ini(&standin.ini_path())?;
    let last = ini.value("Settings", "callsLastKey").unwrap_or_default();
    let line = ini.value("Calls", &last).unwrap_or_default();
    assert!(line.starts_with("100;Anna;3;") && line.ends_with(";0;Call completed elsewhere"), "{line}");
    assert!(ini.value("Calls", "0").is_some_and(|line| line.starts_with(";Anna;2;")));
    Ok(())
}

#[tokio::test]
async fn the_phone_waits_for_a_hook_that_hangs() -> Result<()> {
    let scribe = Scribe::new()?;
    let standin = StandIn::start(&scribe.setup().hook_wait(Duration::from_millis(300))).await?;
    standin.play(Op::HangNextHook).await?;
    let began = std::time::Instant::now();
    standin.ring("100").await?;
    // The command is handed over only when the main thread is free again.
    assert_eq!(standin.command(&["/answer"]).await?, Some(0));
    assert!(began.elapsed() >= Duration::from_millis(300));
    assert_eq!(hooks(&standin, 3).await?, ["CallRing 100", "CallAnswer 100", "CallStart 100"]);
    Ok(())
}

#[tokio::test]
async fn a_hook_that_can_not_be_started_is_none() -> Result<()> {
    let standin = StandIn::start(&Setup::with_hooks("/there/is no such".as_ref(), "")).await?;
    standin.ring("100").await?;
    let state = standin.until(|state| state.hooks.len() == 2).await?;
    assert!(state.hooks.iter().all(|hook| hook.failed));
    Ok(())
}

#[test]
fn command_lines_split_as_on_windows() {
    for (line, expected) in [
        ("prog", &["prog"][..]),
        (r#""C:\a b\hook.exe" end 100"#, &[r"C:\a b\hook.exe", "end", "100"]),
        (r#"p a"b c"d  e"#, &["p", "ab cd", "e"]),
        (r#"p \\ \" \\"a b""#, &["p", r"\\", "\"", r"\a b"]),
        (r#"p "a""b" """#, &["p", "a\"b", ""]),
        (r#"p "open end"#, &["p", "open end"]),
        ("p a\nb", &["p", "a\nb"]),
    ] {
        assert_eq!(split_command_line(line), expected, "{line}");
    }
}
