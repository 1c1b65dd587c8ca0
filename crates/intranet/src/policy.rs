//! The Content-Security-Policy of a page that allows its own files, the phone, and nothing else.

use crate::BackendOrigin;

/// The strictest policy under which a page can have the phone; README.md says what each part of it is for.
pub fn strict_policy(backend: &BackendOrigin) -> String {
    [
        "default-src 'none'".to_owned(),
        format!("script-src 'self' {backend} 'wasm-unsafe-eval'"),
        "style-src 'self'".to_owned(),
        format!("img-src 'self' {backend}"),
        format!("connect-src {backend}"),
        format!("frame-src {backend}"),
        "base-uri 'none'".to_owned(),
        "form-action 'none'".to_owned(),
        "frame-ancestors 'none'".to_owned(),
    ]
    .join("; ")
}
