//! The MicroSIP stand-in as a program; all of it is in `testkit::standin`.

use std::process::ExitCode;

fn main() -> ExitCode {
    testkit::standin::main()
}
