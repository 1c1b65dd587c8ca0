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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::strict_policy;

    #[test]
    fn it_is_the_one_that_the_readme_gives_and_own_files_and_nothing_else() {
        let readme = include_str!("../../../README.md");
        let policy = strict_policy(&"http://127.0.0.1:7077".parse().unwrap()).replace("'self' ", "");
        let given = readme.lines().skip_while(|line| !line.starts_with("    script-src ")).take(2);
        let given: Vec<_> = given.flat_map(|line| line.trim().trim_end_matches(';').split("; ")).collect();
        let for_the_phone: Vec<_> = policy.split("; ").filter(|part| part.contains("7077")).collect();
        assert_eq!(given.len(), 4);
        assert!(given.iter().all(|part| for_the_phone.contains(part)) && for_the_phone.len() == 4, "{policy}");
    }
}
