// Walks as somebody new would: opens the address of a door on a phone of 390×844, reads, chooses, types and sends, until the
// number of the report is there; then the same in large print by tapping and speaking alone. By hand, because it makes
// reports where it is pointed at, and because seconds wobble with the machine:
//   npm ci --prefix tests/lighthouse
//   CHROME_PATH=/usr/bin/chromium npm run --prefix tests/lighthouse walk -- http://127.0.0.1:8080/q/CODE
// It prints seconds and asserts none. The phone is the one of measure.mjs: slow 4G, a processor four times slower.
import puppeteer from "puppeteer-core";

// How long people take, in ms: to read and decide, to bring the thumb to what they chose, for one sign of a keyboard, to say it.
const DECIDES = 1500, REACHES = 400, SIGN = 250, SPEAKS = 6000;
const WORDS = "二楼楼道灯不亮，看不清路", PHONE = "10012345678";
const SLOW_4G = { offline: false, latency: 150, download: (1.6 * 1024 * 1024) / 8, upload: (750 * 1024) / 8 };

const addresses = process.argv.slice(2);
if (addresses.length !== 1) {
  console.error("name the address of a door");
  process.exit(2);
}
const pause = (time) => new Promise((go) => setTimeout(go, time));

// One person in front of one door: every act takes the time that people take.
class Person {
  constructor(page) {
    Object.assign(this, { page, taps: 0, signs: 0 });
  }
  // Looks for it, decides, scrolls there and taps.
  async taps_on(css) {
    await this.page.waitForSelector(css, { visible: true, timeout: 30000 });
    await pause(DECIDES);
    const target = await this.page.$(css);
    await target.evaluate((each) => (each.labels?.[0] || each).scrollIntoView({ block: "center", behavior: "instant" }));
    await pause(REACHES);
    await target.tap();
    this.taps += 1;
  }
  // Reads a question and leaves it as it is.
  async passes(css) {
    await this.page.waitForSelector(css, { visible: true, timeout: 30000 });
    await this.page.$eval(css, (each) => each.scrollIntoView({ block: "center", behavior: "instant" }));
    await pause(DECIDES);
  }
  async types(css, words) {
    await this.taps_on(css);
    await this.page.type(css, words, { delay: SIGN });
    this.signs += [...words].length;
  }
  // Sends, and says of what may be the same that it is not.
  async sends(css) {
    await this.taps_on(css);
    await this.page.waitForSelector("dd.number, button[name=another]", { timeout: 30000 });
    if (await this.page.$("button[name=another]")) await this.taps_on("button[name=another]");
    await this.page.waitForSelector("dd.number", { visible: true, timeout: 30000 });
    return this.page.$eval("dd.number", (number) => number.textContent);
  }
}

async function types_it(person) {
  await person.passes("h1");
  await person.passes(".alarm");
  await person.taps_on("input[name=category][value='01']");
  await person.types("#text", WORDS);
  await person.passes("#photo");
  await person.types("#phone", PHONE);
  await person.passes("label:has([name=share_phone])");
  await person.passes("label:has([name=publish])");
  return person.sends(".on-send button[type=submit]");
}

async function taps_and_speaks(person) {
  await person.taps_on("[data-size]");
  await person.passes("h1");
  await person.passes(".alarm");
  await person.taps_on("input[name=category][value='01']");
  await person.taps_on(".on-category a[href='#step-text']");
  await person.taps_on("[data-voice] button");
  await pause(SPEAKS);
  await person.taps_on("[data-voice] button");
  await person.taps_on(".on-text .turn a:not(.plain)");
  // What may be the same is a screen of its own.
  if (await person.page.$("#step-same:target")) await person.taps_on(".on-same .turn a:not(.plain)");
  await person.taps_on(".on-photo a[href='#step-phone']");
  await person.taps_on(".on-phone a[href='#step-share']");
  await person.taps_on(".on-share a[href='#step-publish']");
  await person.passes("label:has([name=publish])");
  await person.taps_on(".on-publish a[href='#step-send']");
  return person.sends(".on-send button[type=submit]");
}

const browser = await puppeteer.launch({
  executablePath: process.env.CHROME_PATH,
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
});
try {
  for (const [name, walk] of [["types words and a phone number", types_it], ["large print, taps and speaks", taps_and_speaks]]) {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    await page.setViewport({ width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
    await page.setExtraHTTPHeaders({ "accept-language": "zh-CN,zh" });
    await page.emulateNetworkConditions(SLOW_4G);
    await page.emulateCPUThrottling(4);
    const person = new Person(page), begun = Date.now();
    await page.goto(addresses[0], { waitUntil: "domcontentloaded" });
    const number = await walk(person);
    const seconds = ((Date.now() - begun) / 1000).toFixed(1);
    console.log(`${name}: ${seconds} s from the address to number ${number}; ${person.taps} taps, ${person.signs} signs typed`);
    await context.close();
  }
} finally {
  await browser.close();
}
