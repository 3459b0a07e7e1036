// Copies the pinned front-end files from node_modules into assets/vendor, where the program embeds
// them. Run by hand after a version changes: `npm ci && npm run vendor`. Building the program never
// needs Node. References to source maps are cut: the maps are not shipped, and a page must ask for
// nothing that is not there.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const FILES = {
  "htmx.min.js": "htmx.org/dist/htmx.min.js",
  "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
  // Lines, bars and the SVG renderer; the whole library is half as large again and builds code from text.
  "echarts.min.js": "echarts/dist/echarts.common.min.js",
};
// The whole texts of licences that ask to go along with their files; the others are named in VERSIONS.
const LICENCES = {
  "echarts.LICENSE": ["echarts/LICENSE", "echarts/NOTICE", "echarts/licenses/LICENSE-d3", "zrender/LICENSE"],
  "htmx.LICENSE": ["htmx.org/LICENSE"],
};
const SOURCE_MAP = /\n?(?:\/\*# sourceMappingURL=\S+ \*\/|\/\/# sourceMappingURL=\S+)\s*$/;

const root = new URL("../", import.meta.url);
const target = new URL("assets/vendor/", root);
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

const versions = [];
for (const [name, source] of Object.entries(FILES)) {
  const text = readFileSync(new URL(`node_modules/${source}`, root), "utf8").replace(SOURCE_MAP, "\n");
  if (text.includes("sourceMappingURL")) throw new Error(`${source} still names a source map`);
  writeFileSync(new URL(name, target), text);

  const parts = source.split("/");
  const owner = source.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0];
  const about = JSON.parse(readFileSync(new URL(`node_modules/${owner}/package.json`, root), "utf8"));
  versions.push(`${name}\t${about.name} ${about.version}\t${about.license}`);
}
for (const [name, sources] of Object.entries(LICENCES)) {
  const texts = sources.map((source) => readFileSync(new URL(`node_modules/${source}`, root), "utf8").trim());
  writeFileSync(new URL(name, target), texts.join(`\n\n${"=".repeat(72)}\n\n`) + "\n");
}
writeFileSync(new URL("VERSIONS", target), versions.join("\n") + "\n");
