//! A small course in a temporary folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use checker::catalog::Catalog;
use checker::catalog::source::Source;
use checker::check::Checker;
use checker::engine::{self, Pages};
use checker::progress::Store;
use checker::workspace::Workspace;
use tempfile::TempDir;

/// The exercise's chapter.
pub(crate) const CHAPTER: &str = r#"# A cache

::: exercise
id: cache
:::

What you build. {{#title A cache, built}}

{{#figure figures/list.svg}}

```text
::: nonsense
## Not a heading
```

## Phase 1: Core {#phase-1-core}

::: exercise
id: cache/core
:::

### Eviction

Words about `eviction`.

::: hint level=1 title="Where to `look`"
Look at the *map*.

```rust
{{#include ../../solutions/01-module/cache/lib.rs:put}}
```
:::

### Eviction

## After you pass {#after-you-pass}

Well done.
"#;

/// A course that can be changed.
pub(crate) struct Course {
    dir: TempDir,
}

impl Course {
    pub(crate) fn new() -> Course {
        let course = Course {
            dir: tempfile::tempdir().unwrap(),
        };
        for (path, text) in [
            (
                "book.toml",
                "[book]\ntitle = \"Course\"\nsrc = \"book\"\n[build]\nbuild-dir = \"target/site\"\n",
            ),
            (
                "book/SUMMARY.md",
                "[Welcome](welcome.md)\n\n- [A cache](01-module/cache.md)\n- [Later]()\n",
            ),
            ("book/welcome.md", "# Welcome\n\nHello.\n"),
            ("book/01-module/cache.md", CHAPTER),
            (
                "book/01-module/figures/list.svg",
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 8\">\n\n\
                 <title>The list</title><desc>Three nodes.</desc>\n\n<g id=\"n\"/></svg>",
            ),
            (
                "checker/suites/01-module/cache/suite.toml",
                "id = \"cache\"\ntitle = \"A cache\"\nsummary = \"A map.\"\n\
                 difficulty = \"advanced\"\nhours = \"4–6\"\nfiles = [\"src/cache.rs\"]\n\
                 [[phase]]\nname = \"core\"\ntitle = \"Core\"\ngoal = \"It works.\"\n\
                 files = [\"src/cache.rs\"]\nsection = \"phase-1-core\"\n",
            ),
            (
                "checker/suites/01-module/cache/src/p1_core.rs",
                "/// A full cache evicts the *oldest* entry.\n///\n/// Often it keeps the key.\n///\n\
                 /// section: eviction-1\n#[test]\nfn evicts() { secret_assertion() }\n",
            ),
            (
                "solutions/01-module/cache/lib.rs",
                "// ANCHOR: put\nfn put() {}\n// ANCHOR_END: put\nfn hidden() {}\n",
            ),
            ("Cargo.toml", "[workspace]\n"),
            (
                "exercises/01-module/cache/src/cache.rs",
                "pub fn put() {}\n",
            ),
            ("secret.txt", "the crown jewels"),
        ] {
            course.write(path, text);
        }
        course
    }

    pub(crate) fn root(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.dir.path().join(relative)
    }

    pub(crate) fn write(&self, relative: &str, text: &str) {
        let path = self.path(relative);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn source(&self) -> Source {
        Source::Disk(self.root().to_path_buf())
    }

    pub(crate) fn catalog(&self) -> Catalog {
        Catalog::load(self.source()).unwrap()
    }

    /// What checks this course's exercises.
    pub(crate) fn pages(&self) -> Arc<dyn Pages> {
        pages(self.root())
    }

    pub(crate) fn work_dir(&self) -> PathBuf {
        self.path("target/checker")
    }
}

/// What checks the exercises of the course in a folder.
pub(crate) fn pages(root: &Path) -> Arc<dyn Pages> {
    let workspace = Workspace::at(root).unwrap();
    let store = Store::new(workspace.state_dir());
    Arc::new(engine::Course::new(
        Checker::open(workspace).unwrap(),
        store,
    ))
}
