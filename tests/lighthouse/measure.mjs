// Measures residents' pages as a slow phone on a slow 4G network sees them (the mobile profile of Lighthouse: 150 ms,
// 1.6 Mbit/s, processor four times slower). By hand, because figures wobble with the machine:
//   npm ci --prefix tests/lighthouse
//   CHROME_PATH=/usr/bin/chromium npm run --prefix tests/lighthouse measure -- http://127.0.0.1:8080/q/CODE http://127.0.0.1:8080/t
// Wanted: 95 or more in all four, largest contentful paint within 1.5 s. The audit "is-crawlable" is left out: that no page
// of a door or of a report is found by a search engine is meant so.
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const WANTED = { score: 95, lcp: 1500 };
const addresses = process.argv.slice(2);
if (addresses.length === 0) {
  console.error("name the addresses to measure");
  process.exit(2);
}
const chrome = await launch({
  chromeFlags: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
let short = false;
try {
  for (const address of addresses) {
    const { lhr } = await lighthouse(address, {
      port: chrome.port,
      output: "json",
      onlyCategories: ["performance", "accessibility", "best-practices", "seo"],
      skipAudits: ["is-crawlable"],
    });
    const scores = Object.values(lhr.categories).map((each) => [each.id, Math.round(each.score * 100)]);
    const lcp = Math.round(lhr.audits["largest-contentful-paint"].numericValue);
    const bytes = lhr.audits["total-byte-weight"].numericValue;
    console.log(`${lhr.finalDisplayedUrl}\n  ${scores.map((pair) => pair.join(" ")).join(", ")}; LCP ${lcp} ms; ${bytes} bytes`);
    const failed = Object.values(lhr.audits).filter((each) => each.score !== null && each.score < 0.9 && each.scoreDisplayMode !== "informative");
    for (const each of failed) console.log(`  ${each.id}: ${each.title} ${each.displayValue ?? ""}`);
    short ||= lcp > WANTED.lcp || scores.some(([, score]) => score < WANTED.score);
  }
} finally {
  await chrome.kill();
}
process.exit(short ? 1 : 0);
