// Small comforts for the pages of staff; every page works without them.
//   data-confirm="question"     on a button or link: asks before anything is sent
//   data-copy="text"            copies the text; data-copy-from="#id" copies what that element shows
//   data-submit-on-change       on a select: sends its form
//   details[data-menu]          closes on Escape and on a click elsewhere
//   [data-print]                prints the page
//   table.inbox                 J and K move, Enter opens, / searches; its tickets can be turned through one by one
//   [data-list-turn]            where a ticket links to the one before and after it in the list it was opened from
//   [data-cover]                a rectangle drawn on its picture goes into its fields left, top, width, height (percent)
(function () {
  "use strict";

  var toast = document.getElementById("toast");
  var clearing;
  function say(words) {
    if (!toast) return;
    toast.textContent = words;
    window.clearTimeout(clearing);
    clearing = window.setTimeout(function () { toast.textContent = ""; }, 4000);
  }

  // In the capture phase, so that the question comes before htmx or the form acts.
  document.addEventListener("click", function (event) {
    var asks = event.target.closest("[data-confirm]");
    if (asks && !window.confirm(asks.getAttribute("data-confirm"))) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);

  document.addEventListener("click", function (event) {
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
    var copy = event.target.closest("[data-copy], [data-copy-from]");
    if (copy) copyText(copy);
    if (event.target.closest("[data-print]")) window.print();
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  function copyText(button) {
    var from = button.getAttribute("data-copy-from");
    var source = from && document.querySelector(from);
    var text = source ? ("value" in source ? source.value : source.textContent.trim()) : button.getAttribute("data-copy");
    // Over plain HTTP browsers have no clipboard.
    var copied = navigator.clipboard ? navigator.clipboard.writeText(text) : Promise.reject();
    copied.then(function () { say("已复制"); }, function () { window.prompt("请手动复制：", text); });
  }

  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  });

  // One press, one submission; a page that comes back is free again.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post], [data-hx-post]")) return;
    if (form.hasAttribute("data-busy")) { event.preventDefault(); return; }
    form.setAttribute("data-busy", "");
    form.querySelectorAll("button:not([type=button])").forEach(function (button) { button.setAttribute("aria-disabled", "true"); });
    window.setTimeout(function () { free(form); }, 60000);
  });
  function free(form) {
    form.removeAttribute("data-busy");
    form.querySelectorAll("button[aria-disabled]").forEach(function (button) { button.removeAttribute("aria-disabled"); });
  }
  window.addEventListener("pageshow", function () { document.querySelectorAll("form[data-busy]").forEach(free); });

  document.querySelectorAll("[data-cover]").forEach(function (figure) {
    var frame = figure.querySelector(".cover-frame");
    var area = frame.querySelector(".cover-area");
    var fields = figure.querySelector("form").elements;
    var begun = null;
    function at(event) {
      var box = frame.getBoundingClientRect();
      function part(place, size) { return Math.min(100, Math.max(0, place / size * 100)); }
      return { x: part(event.clientX - box.left, box.width), y: part(event.clientY - box.top, box.height) };
    }
    function show() {
      ["left", "top", "width", "height"].forEach(function (side) { area.style[side] = (Number(fields[side].value) || 0) + "%"; });
      area.hidden = !(Number(fields.width.value) > 0 && Number(fields.height.value) > 0);
    }
    frame.addEventListener("pointerdown", function (event) {
      event.preventDefault();
      begun = at(event);
      frame.setPointerCapture(event.pointerId);
    });
    frame.addEventListener("pointermove", function (event) {
      if (!begun) return;
      var now = at(event);
      fields.left.value = Math.min(begun.x, now.x).toFixed(1);
      fields.top.value = Math.min(begun.y, now.y).toFixed(1);
      fields.width.value = Math.abs(begun.x - now.x).toFixed(1);
      fields.height.value = Math.abs(begun.y - now.y).toFixed(1);
      show();
    });
    ["pointerup", "pointercancel"].forEach(function (kind) { frame.addEventListener(kind, function () { begun = null; }); });
    figure.addEventListener("input", show);
    show();
  });

  // htmx: a failed request is said aloud, except the bell's, which will ask again by itself. A bell
  // that is told that nobody is signed in stops asking.
  function isBell(event) { return event.detail.elt && event.detail.elt.id === "bell"; }
  document.addEventListener("htmx:sendError", function (event) { if (!isBell(event)) say("网络不通，请检查后再试"); });
  document.addEventListener("htmx:responseError", function (event) {
    var status = event.detail.xhr.status;
    if (isBell(event)) {
      if (status === 401 || status === 403) event.detail.elt.removeAttribute("hx-get"), window.htmx.process(event.detail.elt);
      return;
    }
    say(status === 401 ? "登录已过期，请刷新页面重新登录" : status === 409 ? "刚才有人先改了，请刷新页面看最新情况" : "没有成功，请刷新后再试");
  });
  document.addEventListener("htmx:afterSettle", function () { title(); });
  document.addEventListener("visibilitychange", function () {
    var bell = document.getElementById("bell");
    if (!document.hidden && bell && window.htmx) window.htmx.trigger(bell, "look");
  });

  // On a phone the queues scroll: the one that is shown comes into sight.
  var queue = document.querySelector(".queues [aria-current]");
  if (queue) queue.parentNode.parentNode.scrollLeft = Math.max(0, queue.offsetLeft - 60);

  // The list that tickets are opened from: kept for this tab, so that one can go on to the next.
  var links = [].slice.call(document.querySelectorAll("table.inbox a.inbox-number"));
  if (links.length) {
    keep({ back: location.pathname + location.search, all: links.map(function (link) { return link.getAttribute("href"); }) });
    document.querySelectorAll("[data-keys]").forEach(function (hint) { hint.hidden = false; });
  }
  var turn = document.querySelector("[data-list-turn]");
  var list = turn && kept();
  var place = list ? list.all.indexOf(location.pathname) : -1;
  if (place >= 0) {
    var back = document.querySelector("[data-list-back]");
    if (back) back.setAttribute("href", list.back);
    leadTo("[data-list-previous]", list.all[place - 1]);
    leadTo("[data-list-next]", list.all[place + 1]);
    turn.hidden = false;
  }
  function leadTo(css, url) {
    var link = turn.querySelector(css);
    if (url) link.setAttribute("href", url); else link.hidden = true;
  }
  function keep(what) { try { sessionStorage.setItem("louma-list", JSON.stringify(what)); } catch (refused) { /* private window */ } }
  function kept() { try { return JSON.parse(sessionStorage.getItem("louma-list")); } catch (refused) { return null; } }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    var search = document.getElementById("q");
    if (event.key === "/" && search) { event.preventDefault(); search.focus(); search.select(); return; }
    var step = { j: 1, k: -1 }[event.key.toLowerCase()];
    if (step && links.length) {
      var next = links[Math.max(0, Math.min(links.length - 1, links.indexOf(document.activeElement) + step))];
      next.focus();
      next.scrollIntoView({ block: "center" });
    } else if (place >= 0) {
      var url = step ? list.all[place + step] : event.key.toLowerCase() === "u" ? list.back : "";
      if (url) location.href = url;
    }
  });

  // The number of waiting notices, seen from another tab.
  var name = document.title;
  function title() {
    var bell = document.getElementById("bell");
    var unread = bell ? Number(bell.getAttribute("data-unread")) : 0;
    document.title = unread > 0 ? "(" + unread + ") " + name : name;
  }
  title();
})();
