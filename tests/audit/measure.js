// Run in a page by the browser tests. Returns what is wrong on it, as sentences: text and targets that are too small, text
// that is too pale, and whatever is wider than the window or cut. `arguments[0]`: `{ text, heading, target }` in px.
const limits = arguments[0];
const faults = [];
const name = (element) => {
  const words = (element.textContent || element.getAttribute("name") || "").trim().replace(/\s+/g, " ").slice(0, 24);
  return `<${element.localName}${element.className ? ` class="${element.className}"` : ""}> ${words}`;
};
const box = (element) => element.getBoundingClientRect();
const shown = (element) => {
  if (!element.checkVisibility({ visibilityProperty: true })) return false;
  const { width, height, right } = box(element);
  // One pixel is for screen readers; what lies left of the window appears when it is focused.
  return width > 1 && height > 1 && right > 0;
};
const size = (element) => parseFloat(getComputedStyle(element).fontSize);
const round = (number) => Math.round(number * 100) / 100;

const channels = (color) => {
  const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number);
  return { r, g, b, a };
};
const light = ({ r, g, b }) => {
  const one = (value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * one(r) + 0.7152 * one(g) + 0.0722 * one(b);
};
const ground = (element) => {
  for (let each = element; each; each = each.parentElement) {
    const color = channels(getComputedStyle(each).backgroundColor);
    if (color.a === 1) return color;
    if (color.a > 0) return { r: NaN, g: NaN, b: NaN };
  }
  return { r: 255, g: 255, b: 255 };
};
const contrast = (element) => {
  const [one, other] = [light(channels(getComputedStyle(element).color)), light(ground(element))];
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
};

const texts = new Set();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const parent = walker.currentNode.parentElement;
  if (walker.currentNode.data.trim() && shown(parent)) texts.add(parent);
}
document.querySelectorAll("input:not([type=radio]):not([type=checkbox]):not([type=hidden]), textarea, select").forEach((field) => {
  if (shown(field)) texts.add(field);
});
texts.forEach((element) => {
  if (size(element) < limits.text - 0.01) faults.push(`text of ${round(size(element))} px: ${name(element)}`);
  const ratio = contrast(element);
  if (!(ratio >= 4.5)) faults.push(`contrast ${round(ratio)}: ${name(element)}`);
});
document.querySelectorAll("h1, h2, h3, .head").forEach((element) => {
  if (shown(element) && size(element) < limits.heading - 0.01) faults.push(`heading of ${round(size(element))} px: ${name(element)}`);
});
// What a label covers or stands beside is reached through the label.
const target = (element) => (/^(radio|checkbox)$/.test(element.type) ? element.closest("label") || element : element);
document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary").forEach((each) => {
  const element = target(each);
  if (!shown(element)) return;
  const { width, height } = box(element);
  if (Math.min(width, height) < limits.target - 0.5) faults.push(`target of ${round(width)} × ${round(height)} px: ${name(element)}`);
});

const wide = document.documentElement.clientWidth;
if (document.documentElement.scrollWidth > wide) faults.push(`the page is ${document.documentElement.scrollWidth} px wide in a window of ${wide}`);
document.querySelectorAll("body *").forEach((element) => {
  if (!shown(element)) return;
  const { left, right } = box(element);
  if (left < -0.5 || right > wide + 0.5) faults.push(`out of the window from ${round(left)} to ${round(right)}: ${name(element)}`);
  // The browser itself shortens what it says beside the button that chooses a file.
  if (element.type === "file") return;
  const cuts = ["hidden", "clip"].includes(getComputedStyle(element).overflowX);
  if (cuts && element.scrollWidth > element.clientWidth + 1) faults.push(`cut: ${name(element)}`);
});
return faults;
