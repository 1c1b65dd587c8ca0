//! What MicroSIP's hooks put on a command line, where the caller has chosen the number.

use std::ffi::OsString;
use std::path::PathBuf;

use backend::engine::microsip::HookEvent;
use backend::hook::from_args;
use backend::parsers::{number_of_arguments, read_hook};

/// The input is a command line, an argument a line; and a body of the request that a hook makes.
pub fn hook_arguments(input: &[u8]) {
    // Read or refused: nothing more is promised of what is not the hook command's own.
    let _ = read_hook(input);

    let arguments: Vec<OsString> = input.split(|byte| *byte == b'\n').map(argument).collect();
    let _ = from_args(arguments.iter().cloned());

    // As the settings have it: everything behind the event is the caller's, and changes nothing else.
    for event in HookEvent::ALL {
        let line = ["--data-dir", "here", "hook", event.as_str()].map(OsString::from).into_iter();
        let call = from_args(line.chain(arguments.iter().cloned())).expect("it is a hook's");
        assert_eq!(call.data_dir, Some(PathBuf::from("here")));
        assert_eq!(call.event.as_ref().and_then(|name| name.to_str()?.parse().ok()), Some(event));
        assert_eq!(call.number, arguments);
    }

    let number = number_of_arguments(&arguments);
    assert!(number.chars().count() <= 1024);
    let body = serde_json::json!({ "number": number }).to_string();
    assert_eq!(read_hook(body.as_bytes()), Ok((number, None)), "the backend reads what the hook sent");
}

/// On Unix an argument is any bytes.
#[cfg(unix)]
fn argument(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStringExt;
    OsString::from_vec(bytes.to_vec())
}

#[cfg(not(unix))]
fn argument(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}
