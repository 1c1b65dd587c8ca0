//! The second demo page, a warehouse's, with the phone of a backend of another origin.

use crate::{BackendOrigin, Page, strict_policy};

/// Stands in the page's source for the backend's origin.
const BACKEND: &str = "__BACKEND__";

/// The page and its files, by their paths.
pub fn pages(backend: &BackendOrigin) -> Vec<(&'static str, Page)> {
    let page = Page::html(include_str!("../pages/index.html")).with(BACKEND, &backend.to_string());
    vec![
        ("/", page.with_policy(strict_policy(backend))),
        ("/page.js", Page::script(include_str!("../pages/page.js"))),
        ("/words.js", Page::script(include_str!("../pages/words.js"))),
        ("/page.css", Page::style(include_str!("../pages/page.css"))),
        ("/favicon.svg", Page::new("image/svg+xml", include_str!("../pages/favicon.svg"))),
    ]
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, Response, StatusCode};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use crate::{demo, router};

    async fn get(path: &str) -> Response<Body> {
        let service = router(demo::pages(&"http://127.0.0.1:7077".parse().unwrap()));
        service.oneshot(Request::get(path).header("host", "crm.test").body(Body::empty()).unwrap()).await.unwrap()
    }

    async fn text(path: &str) -> String {
        let bytes = get(path).await.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn the_page_embeds_the_phone_with_one_script_tag_of_the_backend() {
        let page = text("/?lang=ru").await;
        let tag = "<script async src=\"http://127.0.0.1:7077/sip-phone-widget.js\"></script>";
        assert_eq!(page.matches(tag).count(), 1);
        assert!(!page.contains("__BACKEND__"));
    }

    #[tokio::test]
    async fn the_policy_lets_in_the_backend_and_nothing_written_into_the_page() {
        let response = get("/").await;
        let policy = response.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self' http://127.0.0.1:7077 'wasm-unsafe-eval';"));
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
    }

    #[tokio::test]
    async fn everything_the_page_asks_of_its_own_server_is_there() {
        let page = text("/").await;
        let own = page.split('"').filter(|word| word.starts_with('/'));
        assert_eq!(own.clone().count(), 3);
        for path in own.chain(["/words.js"]) {
            assert_eq!(get(path).await.status(), StatusCode::OK, "{path}");
        }
        assert_eq!(get("/nothing").await.status(), StatusCode::NOT_FOUND);
    }
}
