//! As much of HTTP/1.1 as a proxy needs that keeps a response until it is whole.

/// A response of which some has come.
#[derive(Default)]
pub(super) struct Response {
    /// What has come and not passed.
    kept: Vec<u8>,
    /// Its head in lower case, once that is whole.
    head: Option<String>,
    /// Bytes of the body that have come.
    seen: usize,
    /// The request was a `HEAD`.
    bodiless: bool,
}

impl Response {
    /// The one to this request, `METHOD PATH`.
    pub(super) fn to(request: &str) -> Self {
        Self { bodiless: request.starts_with("HEAD "), ..Self::default() }
    }

    /// More of it has come.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.kept.extend_from_slice(bytes);
        if self.head.is_some() {
            self.seen += bytes.len();
        } else if let Some(end) = self.kept.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4) {
            self.head = Some(String::from_utf8_lossy(&self.kept[..end]).to_ascii_lowercase());
            self.seen = self.kept.len() - end;
        }
    }

    /// What may pass by now: the head at once, the body when it is whole.
    pub(super) fn due(&mut self) -> Vec<u8> {
        match &self.head {
            Some(head) if !self.is_whole(head) => {
                let body = self.kept.split_off(self.kept.len().saturating_sub(self.seen));
                std::mem::replace(&mut self.kept, body)
            }
            Some(_) => self.rest(),
            None => Vec::new(),
        }
    }

    /// All that has not passed.
    pub(super) fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.kept)
    }

    fn is_whole(&self, head: &str) -> bool {
        let status = head.split(' ').nth(1).unwrap_or_default();
        if self.bodiless || ["204", "304"].contains(&status) {
            return true;
        }
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
        match length {
            Some(length) => self.seen >= length,
            // The last chunk; a response without a length and without chunks ends with its connection.
            None => self.kept.ends_with(b"0\r\n\r\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Response;

    fn due(parts: &[&str]) -> Vec<String> {
        let mut response = Response::default();
        let pass = |part: &&str| {
            response.push(part.as_bytes());
            String::from_utf8_lossy(&response.due()).into_owned()
        };
        parts.iter().map(pass).collect()
    }

    #[test]
    fn the_body_waits_until_it_is_whole() {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";
        assert_eq!(due(&[head, "ab", "cd"]), [head, "", "abcd"]);
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(due(&[head, "1\r\na\r\n", "0\r\n\r\n"]), [head, "", "1\r\na\r\n0\r\n\r\n"]);
        assert_eq!(due(&["HTTP/1.1 304 Not", " Modified\r\n\r\n"]), ["", "HTTP/1.1 304 Not Modified\r\n\r\n"]);
    }
}
