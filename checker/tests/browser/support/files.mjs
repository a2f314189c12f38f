// Serves a folder on a free port, compressed as the hosts of static sites do.
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { createGzip } from "node:zlib";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".json": "application/json",
  ".xml": "application/xml",
  ".txt": "text/plain; charset=utf-8",
};

const TEXT = /^(text|application\/(json|xml)|image\/svg)/;

/** The address of the folder, and a way to end the server. */
export const serveFolder = (dir) =>
  new Promise((resolve) => {
    const server = createServer((request, response) => {
      const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
      let file = join(dir, path);
      if (existsSync(file) && statSync(file).isDirectory()) file = join(file, "index.html");
      const found = file.startsWith(dir) && existsSync(file);
      const sent = found ? file : join(dir, "404.html");
      if (!existsSync(sent)) {
        response.writeHead(404).end();
        return;
      }
      const type = TYPES[extname(sent)] ?? "application/octet-stream";
      const headers = { "content-type": type };
      if (TEXT.test(type)) headers["content-encoding"] = "gzip";
      response.writeHead(found ? 200 : 404, headers);
      const content = createReadStream(sent);
      (TEXT.test(type) ? content.pipe(createGzip({ level: 9 })) : content).pipe(response);
    });
    server.listen(0, "127.0.0.1", () => {
      resolve({ url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() });
    });
  });
