//! `soak --minutes N [--seed S]`: see [`e2e::soak`]. Started by `cargo xtask soak`, which builds what it needs.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use e2e::soak::{Plan, soak};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let plan = match plan(&words.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(plan) => plan,
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::from(2);
        }
    };
    println!("soak of {} s, --seed {}", plan.time.as_secs(), plan.seed);
    match soak(&plan).await {
        Ok(report) => {
            println!("{report}\nnothing was lost");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!(
                "\nerror: {error:#}\nto repeat it: cargo xtask soak --minutes {} --seed {}",
                minutes(&plan),
                plan.seed
            );
            ExitCode::FAILURE
        }
    }
}

fn minutes(plan: &Plan) -> f64 {
    plan.time.as_secs_f64() / 60.0
}

fn plan(words: &[&str]) -> Result<Plan> {
    let mut plan = Plan { time: Duration::ZERO, seed: rand::random::<u32>().into() };
    for pair in words.chunks(2) {
        match pair {
            ["--minutes", minutes] => {
                let minutes: f64 = minutes.parse().context("--minutes takes a number")?;
                plan.time = Duration::try_from_secs_f64(minutes * 60.0).context("--minutes takes a number above 0")?;
            }
            ["--seed", seed] => plan.seed = seed.parse().context("--seed takes a whole number")?,
            other => bail!("`{}` is not understood: soak --minutes N [--seed S]", other.join(" ")),
        }
    }
    if plan.time.is_zero() {
        bail!("say for how long: soak --minutes N [--seed S]");
    }
    Ok(plan)
}
