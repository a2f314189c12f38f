//! A built site in memory.

use std::collections::HashMap;
use std::fmt::Write;
use std::io;
use std::path::Path;

use axum::body::Bytes;
use axum::http::HeaderValue;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;
use sha2::{Digest, Sha256};
use walkdir::WalkDir;

use super::super::build::SEARCH_INDEX;
use super::scripts::Additions;
use crate::catalog::content_hash;
use crate::catalog::source::slashed;

/// Every file of a built book, by its path below the site's root.
pub(super) struct Site {
    files: HashMap<String, File>,
    version: String,
}

/// A file as it was built.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct File {
    pub(super) content_type: HeaderValue,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Page(String),
    Other(Bytes),
}

impl Site {
    /// Reads a built site.
    pub(super) fn load(dir: &Path) -> io::Result<Site> {
        let mut contents = Vec::new();
        for entry in WalkDir::new(dir).sort_by_file_name() {
            let entry = entry?;
            let relative = entry.path().strip_prefix(dir).ok().and_then(slashed);
            if let Some(path) = relative.filter(|_| entry.file_type().is_file()) {
                contents.push((path, std::fs::read(entry.path())?));
            }
        }
        let read = contents.iter().filter(|(path, _)| path != SEARCH_INDEX);
        let version = content_hash(read);
        let files = contents
            .into_iter()
            .filter(|(path, _)| !path.split('/').any(|part| part.starts_with('.')))
            .map(|(path, body)| {
                let file = File::new(&path, body);
                (path, file)
            })
            .collect();
        Ok(Site { files, version })
    }

    /// Takes over the search index of another build.
    pub(super) fn keep_index(&mut self, other: &Site) {
        if let Some(index) = other.files.get(SEARCH_INDEX) {
            self.files.insert(SEARCH_INDEX.to_owned(), index.clone());
        }
    }

    /// What changes whenever a file does that is seen when a page opens: the search index is not.
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// The file at a path below the root. A path that ends in `/` means the page `index.html`.
    pub(super) fn file(&self, path: &str) -> Option<&File> {
        if path.is_empty() || path.ends_with('/') {
            self.files.get(&format!("{path}index.html"))
        } else {
            self.files.get(path)
        }
    }
}

impl File {
    /// A file of the site.
    pub(super) fn new(path: &str, body: Vec<u8>) -> File {
        let mime = mime_guess::from_path(path).first_or_octet_stream();
        let is_page = mime == mime_guess::mime::TEXT_HTML;
        let is_text = mime.type_() == mime_guess::mime::TEXT;
        let content_type = if is_text {
            format!("{mime}; charset=utf-8")
        } else {
            mime.to_string()
        };
        let octets = HeaderValue::from_static("application/octet-stream");
        let content_type = HeaderValue::try_from(content_type).unwrap_or(octets);
        let kind = match String::from_utf8(body) {
            Ok(page) if is_page => Kind::Page(page),
            Ok(text) => Kind::Other(text.into()),
            Err(error) => Kind::Other(error.into_bytes().into()),
        };
        File { content_type, kind }
    }

    /// What is sent, and the policy of a page; pages get the additions.
    pub(super) fn sent(&self, additions: &Additions) -> (Bytes, Option<HeaderValue>) {
        match &self.kind {
            Kind::Page(page) => (
                with(page, additions).into(),
                Some(policy(page, additions.connect)),
            ),
            Kind::Other(body) => (body.clone(), None),
        }
    }

    /// Whether it differs with who asks for it.
    pub(super) fn is_page(&self) -> bool {
        matches!(self.kind, Kind::Page(_))
    }
}

/// A page with the additions. The table of contents, a page inside each page, gets none.
fn with(page: &str, additions: &Additions) -> String {
    let mut page = page.to_owned();
    if let Some(main) = memmem::find(page.as_bytes(), b"<main") {
        if let Some(end) = page.rfind("</body>") {
            page.insert_str(end, additions.script);
        }
        page.insert_str(main, additions.note);
        if let Some(end) = page.find("</head>") {
            page.insert_str(end, &additions.head);
        }
    }
    page
}

/// A content security policy that lets a page run the scripts that it was built with and no other.
/// mdBook's pages carry `style` attributes, which no hash can allow.
fn policy(page: &str, connect: &str) -> HeaderValue {
    let mut policy = format!(
        "default-src 'none'; connect-src {connect}; font-src 'self'; \
         img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-src 'self'; \
         frame-ancestors 'self'; form-action 'self'; base-uri 'self'; \
         script-src 'self'"
    );
    for script in inline_scripts(page) {
        let hash = STANDARD.encode(Sha256::digest(script.as_bytes()));
        let _ = write!(policy, " 'sha256-{hash}'");
    }
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'self'"))
}

fn inline_scripts(page: &str) -> impl Iterator<Item = &str> {
    const OPENING: &str = "<script";
    memmem::find_iter(page.as_bytes(), OPENING).filter_map(|start| {
        let rest = page.get(start + OPENING.len()..)?;
        let (attributes, rest) = rest.split_once('>')?;
        let (content, _) = rest.split_once("</script>")?;
        (!attributes.contains(" src=")).then_some(content)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(files: &[(&str, &[u8])]) -> Site {
        let dir = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let file = dir.path().join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, content).unwrap();
        }
        Site::load(dir.path()).unwrap()
    }

    #[test]
    fn files_are_found_by_their_path_and_nothing_else() {
        let site = site(&[
            ("index.html", b"home"),
            ("a/b.css", b"x"),
            (".nojekyll", b""),
        ]);
        assert!(site.file("").is_some());
        assert_eq!(site.file(""), site.file("index.html"));
        assert!(site.file("a/b.css").is_some());
        for path in [
            "a",
            "a/",
            "/a/b.css",
            "./a/b.css",
            "a/../a/b.css",
            ".nojekyll",
            "A/b.css",
        ] {
            assert!(site.file(path).is_none(), "{path}");
        }
    }

    #[test]
    fn the_version_changes_with_any_file() {
        let version = |text: &[u8]| site(&[("a.css", text), ("b.css", b"")]).version;
        assert_eq!(version(b"1"), version(b"1"));
        assert_ne!(version(b"1"), version(b"2"));
    }

    #[test]
    fn types_are_right() {
        let kind = |path: &str| File::new(path, Vec::new()).content_type;
        assert_eq!(kind("a.html"), "text/html; charset=utf-8");
        assert_eq!(kind("a.js"), "text/javascript; charset=utf-8");
        assert_eq!(kind("a.css"), "text/css; charset=utf-8");
        assert_eq!(kind("a.svg"), "image/svg+xml");
        assert_eq!(kind("a.woff2"), "font/woff2");
        assert_eq!(kind("a.unheard-of"), "application/octet-stream");
    }

    #[test]
    fn a_page_gets_the_additions_and_other_files_stay_as_they_are() {
        let additions = Additions {
            head: "<HEAD>".to_owned(),
            note: "<NOTE>",
            script: "<SCRIPT>",
            connect: "'self'",
        };
        let sent = |path: &str, text: &[u8]| {
            let file = File::new(path, text.to_vec());
            (file.is_page(), file.sent(&additions).0)
        };
        let page = b"<head></head><body><main>m</main></body>";
        let expected = "<head><HEAD></head><body><NOTE><main>m</main><SCRIPT></body>";
        assert_eq!(sent("a.html", page), (true, expected.into()));
        assert_eq!(sent("a.txt", page), (false, page.as_slice().into()));
        let frame = b"<head></head><body>contents</body>";
        assert_eq!(sent("toc.html", frame), (true, frame.as_slice().into()));
    }

    #[test]
    fn the_policy_allows_exactly_the_scripts_of_the_page() {
        let page = "<script src=\"a.js\"></script><script>alert(1)</script>";
        let policy = policy(page, "'self'");
        let policy = policy.to_str().unwrap();
        let hash = "bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=";
        assert!(
            policy.ends_with(&format!("script-src 'self' 'sha256-{hash}'")),
            "{policy}"
        );
        assert!(policy.contains("; connect-src 'self'; "), "{policy}");
    }
}
