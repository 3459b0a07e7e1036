// Makes the residents' forms kinder. Everything works without it; it adds, and never guards.
// No inline script, no eval, nothing sent anywhere: drafts stay on this phone, and never the phone number.
(function () {
  "use strict";

  var HEAVY = 10 * 1024 * 1024;
  var root = document.documentElement;
  root.classList.add("js");

  // Private windows and some WebViews refuse storage; the page must not notice.
  function recall(store, name) { try { return window[store].getItem(name); } catch (_) { return null; } }
  function keep(store, name, value) { try { window[store].setItem(name, value); } catch (_) { /* nothing to keep it in */ } }
  function forget(store, name) { try { window[store].removeItem(name); } catch (_) { /* was never kept */ } }
  function each(selector, run, from) { Array.prototype.forEach.call((from || document).querySelectorAll(selector), run); }

  // The sentences of the scripts, in the language of the page: `{name}` stands where something is filled in.
  var words = JSON.parse(document.body.getAttribute("data-words") || "{}");
  function say(key, values) {
    return (words[key] || "").replace(/\{(\w+)\}/g, function (_, name) { return values[name]; });
  }

  // An address of ours that says the print size, as the server reads it.
  function sized(address, large) {
    var mark = address.indexOf("#") < 0 ? "" : address.slice(address.indexOf("#"));
    var parts = address.slice(0, address.length - mark.length).split("?");
    var pairs = (parts[1] || "").split("&").filter(function (pair) { return pair && pair.indexOf("large=") !== 0; });
    return parts[0] + "?" + pairs.concat("large=" + (large ? 1 : 0)).join("&") + mark;
  }
  function isLarge() { return root.classList.contains("large"); }

  // Large print: switched without a new page, so that nothing typed is lost; remembered as the server does: in a cookie, and
  // in the address of this page and of every page that it leads to, which says more than the cookie.
  var size = document.querySelector("[data-size]");
  if (size) {
    size.addEventListener("click", function (event) {
      event.preventDefault();
      var large = root.classList.toggle("large");
      size.textContent = size.getAttribute(large ? "data-normal" : "data-large");
      history.replaceState(history.state, "", sized(location.pathname + location.search + location.hash, large));
      [["a", "href"], ["form", "action"]].forEach(function (kind) {
        each(kind[0] + "[" + kind[1] + "^='/']", function (node) {
          node.setAttribute(kind[1], sized(node.getAttribute(kind[1]), node === size ? !large : large));
        });
      });
      document.cookie = "louma_large=" + (large ? 1 : 0) + "; path=/; max-age=31536000; samesite=lax" +
        (location.protocol === "https:" ? "; secure" : "");
    });
  }

  // In large print the button that sends a form stands on its last screen: the key that presses it from another screen leads to
  // the next one.
  function shown(selector, from) {
    return Array.prototype.filter.call(from.querySelectorAll(selector), function (node) { return node.getClientRects().length > 0; })[0];
  }
  each("[data-still]", function (button) { button.parentNode.removeChild(button); });
  document.addEventListener("submit", function (event) {
    var form = event.target, next = isLarge() && shown(".turn a:not(.plain)", form);
    if (!next || shown("button:not([type=button])", form)) return;
    event.preventDefault();
    event.stopPropagation();
    location.hash = next.getAttribute("href");
  }, true);

  // The key of one submission: made when the form is first touched, kept over reload and "back", and
  // dropped when the submission has arrived, so that sending twice can never report twice.
  function random() {
    var bytes = new Uint8Array(16);
    window.crypto.getRandomValues(bytes);
    return Array.prototype.map.call(bytes, function (b) { return (b + 256).toString(16).slice(1); }).join("");
  }
  function keyName(form) { return "key:" + form.getAttribute("data-key"); }
  function draftName(form) { return "draft:" + form.getAttribute("data-key"); }
  function ensureKey(form) {
    var field = form.elements.idempotency_key;
    if (!field || !window.crypto) return;
    field.value = field.value || recall("sessionStorage", keyName(form)) || random();
    keep("sessionStorage", keyName(form), field.value);
  }
  function arrived(action) {
    forget("sessionStorage", "key:" + action);
    forget("localStorage", "draft:" + action);
    forget("localStorage", "more:" + action);
    forget("sessionStorage", "sent");
  }
  var sent = recall("sessionStorage", "sent");
  if (sent && document.body.hasAttribute("data-arrived")) arrived(sent);

  each("form[data-key]", function (form) {
    // The form itself came back, so that its words have not arrived.
    function back() { if (recall("sessionStorage", "sent") === form.getAttribute("data-key")) forget("sessionStorage", "sent"); }
    back();
    // A browser that fills forms in again after a reload must not bring back the key of another report.
    form.elements.idempotency_key.autocomplete = "off";
    ["focusin", "input", "change", "pointerdown"].forEach(function (kind) {
      form.addEventListener(kind, function () { ensureKey(form); });
    });
    form.addEventListener("submit", function () {
      ensureKey(form);
      keep("sessionStorage", "sent", form.getAttribute("data-key"));
    });
    // Shown again from memory after its report arrived: what is sent now gets a key of its own, and the server
    // still knows the same words from the same phone.
    window.addEventListener("pageshow", function (event) {
      if (event.persisted) back();
      if (event.persisted && !recall("sessionStorage", keyName(form))) form.elements.idempotency_key.value = "";
    });
    var text = form.querySelector("[data-draft]");
    if (!text) return;
    if (!text.value) {
      text.value = recall("localStorage", draftName(form)) || "";
      if (text.value) form.setAttribute("data-restored", "");
    }
    text.addEventListener("input", function () { keep("localStorage", draftName(form), text.value); });
  });

  // A second press says so and does nothing; a page that comes back, or waits too long, is free again.
  each("form", function (form) {
    form.addEventListener("submit", function (event) {
      if (form.hasAttribute("data-busy")) { event.preventDefault(); return; }
      form.setAttribute("data-busy", "");
      each("button:not([type=button])", function (button) {
        button.setAttribute("data-label", button.textContent);
        button.setAttribute("aria-disabled", "true");
        button.textContent = say("busy");
      }, form);
      window.setTimeout(function () { free(form); }, 60000);
    });
  });
  function free(form) {
    if (!form.hasAttribute("data-busy")) return;
    form.removeAttribute("data-busy");
    each("button[data-label]", function (button) {
      button.textContent = button.getAttribute("data-label");
      button.removeAttribute("data-label");
      button.removeAttribute("aria-disabled");
    }, form);
  }
  window.addEventListener("pageshow", function () { each("form", free); });

  // Counting signs as the server does: one per code point.
  each("[data-count]", function (text) {
    var line = document.getElementById(text.getAttribute("data-count"));
    var limit = Number(text.getAttribute("data-limit"));
    function count() {
      var used = Array.from ? Array.from(text.value).length : text.value.length;
      line.textContent = used > limit ? say("over", { count: used - limit }) : say("written", { count: used, limit: limit });
      line.classList.toggle("over", used > limit);
    }
    text.addEventListener("input", count);
    window.addEventListener("pageshow", count);
    count();
  });

  var slotsAgain = function () { /* no photos on this page */ };
  // Photo slots: one after another, with a preview.
  each("[data-slots]", function (list) {
    var slots = Array.prototype.slice.call(list.querySelectorAll("[data-slot]"));
    function open() {
      var free = false;
      slots.forEach(function (slot) {
        var taken = slot.hasAttribute("data-held") || slot.querySelector("input").files.length > 0;
        slot.hidden = !taken && free;
        if (!taken) free = true;
      });
    }
    function show(slot) {
      if (slot.hasAttribute("data-held")) return;
      var input = slot.querySelector("input");
      var file = input.files[0];
      var image = slot.querySelector("img") || slot.insertBefore(document.createElement("img"), input.nextSibling);
      image.alt = slot.getAttribute("data-slot");
      var heavy = slot.querySelector(".heavy");
      var remove = slot.querySelector("button");
      if (image.src) URL.revokeObjectURL(image.src);
      image.hidden = remove.hidden = !file;
      heavy.hidden = !file || file.size <= HEAVY;
      if (file) image.src = URL.createObjectURL(file); else image.removeAttribute("src");
    }
    slots.forEach(function (slot) {
      var input = slot.querySelector("input");
      input.addEventListener("change", function () { slot.removeAttribute("data-held"); show(slot); open(); });
      slot.querySelector("button").addEventListener("click", function () {
        input.value = "";
        slot.removeAttribute("data-held");
        show(slot);
        open();
        input.focus();
      });
    });
    window.addEventListener("pageshow", function () { slots.forEach(show); open(); });
    open();
    slotsAgain = open;
  });

  // Sending ahead, waiting for a signal and recording are a script of their own, fetched when the page stands: at a door,
  // and wherever something still waits to be sent or told.
  var more = document.body.getAttribute("data-phone");
  var waits = function (name) { return (recall("localStorage", name) || "[]") !== "[]"; };
  if (more && (document.querySelector("form[data-door]") || waits("waiting") || waits("gone"))) {
    window.louma = {
      say: say, recall: recall, keep: keep, forget: forget, each: each, random: random, ensureKey: ensureKey,
      arrived: arrived, free: free, slots: function () { slotsAgain(); },
      sized: function (address) { return sized(address, isLarge()); },
      restored: function (form) { return form.hasAttribute("data-restored"); }
    };
    var fetchMore = function () {
      var script = document.createElement("script");
      script.src = more;
      document.body.appendChild(script);
    };
    if (document.readyState === "complete") fetchMore(); else window.addEventListener("load", fetchMore);
  }

  each("[data-print]", function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
})();
