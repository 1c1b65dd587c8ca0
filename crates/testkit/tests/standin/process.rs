//! One instance for each executable, and what happens where none runs.

use std::process::{Child, Command};

use anyhow::Result;
use testkit::standin::{Op, Setup, StandIn};

/// Ends a process that a test started by itself.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn copies_are_different_phones() -> Result<()> {
    let one = StandIn::start(&Setup::default()).await?;
    let two = StandIn::start(&Setup::default()).await?;
    one.command(&["100"]).await?;
    assert_eq!(one.state().await?.calls.len(), 1);
    assert!(two.state().await?.calls.is_empty());
    Ok(())
}

#[tokio::test]
async fn some_commands_end_at_once_where_none_runs_and_the_rest_start_one() -> Result<()> {
    for command in ["/answer", "/hangupall", "/exit"] {
        let standin = StandIn::install(&Setup::default())?;
        assert_eq!(standin.command(&[command]).await?, Some(0), "{command}");
    }
    for (command, calls) in [("100", 1), ("/hangupincoming", 0), ("msip:hold", 0)] {
        let standin = StandIn::install(&Setup::default())?;
        let _child = Ended(Command::new(standin.exe()).arg(command).spawn()?);
        standin.connect().await?;
        assert_eq!(standin.until(|state| state.calls.len() == calls).await?.raw_commands(), [""; 0], "{command}");
    }
    Ok(())
}

#[tokio::test]
async fn exit_ends_the_instance_and_it_can_come_back() -> Result<()> {
    let mut standin = StandIn::start(&Setup::default()).await?;
    standin.command(&["/exit"]).await?;
    standin.launch().await?;
    standin.command(&["100"]).await?;
    assert_eq!(standin.state().await?.calls.len(), 1);
    // A crash leaves the file that names its door behind.
    assert!(standin.play(Op::Crash).await.is_err());
    assert_eq!(standin.command(&["/answer"]).await?, Some(0));
    standin.launch().await?;
    assert!(standin.state().await?.calls.is_empty());
    Ok(())
}

#[tokio::test]
async fn two_processes_at_once_or_a_locked_ini_are_modal_errors() -> Result<()> {
    let setup = Setup::default().hook_wait(std::time::Duration::from_secs(1)).setting("cmdCallRing", "none");
    let standin = StandIn::start(&setup).await?;
    standin.play(Op::HangNextHook).await?;
    standin.ring("1").await?;
    let (first, second) = tokio::join!(standin.command(&["/answer"]), standin.command(&["/answer"]));
    let mut codes = [first?, second?];
    codes.sort_unstable();
    assert_eq!(codes, [Some(0), Some(1)]);
    standin.play(Op::LockIni { on: true }).await?;
    assert_eq!(standin.command(&["/hangupall"]).await?, Some(1));
    let state = standin.state().await?;
    assert_eq!((state.overlaps, state.locked_out), (1, 1));
    assert_eq!(state.raw_commands(), ["/answer"]);
    Ok(())
}
