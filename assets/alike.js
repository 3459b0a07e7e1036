// At the door: what to do in danger as soon as such a tile is chosen, and what may be the same matter while words are
// typed. Everything works without it; nothing is kept, and words leave the phone only by this page's own request.
(function () {
  "use strict";

  var form = document.querySelector("form[data-key]");
  var urgent = document.querySelector("[data-urgent]");
  var alike = document.querySelector("[data-alike]");
  if (!form) return;

  function each(list, run) { Array.prototype.forEach.call(list, run); }
  function chosen() {
    var tile = form.querySelector("input[name=category]:checked");
    return tile ? tile.value : "";
  }

  function warn() {
    if (!urgent) return;
    var code = chosen(), any = false;
    each(urgent.querySelectorAll("[data-tile]"), function (line) {
      var own = line.getAttribute("data-tile") === code;
      line.hidden = !own;
      any = any || own;
    });
    urgent.classList.toggle("on", any);
  }

  // One request at a time, and the last one wins; what comes too late is thrown away.
  var timer = 0, asked = "", turn = 0;
  function look() {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, 700);
  }
  function ask() {
    var text = form.elements.text ? form.elements.text.value : "";
    var body = "category=" + encodeURIComponent(chosen()) + "&text=" + encodeURIComponent(text.slice(0, 300));
    if (!alike || !chosen() || body === asked) return;
    asked = body;
    turn += 1;
    var mine = turn, request = new XMLHttpRequest();
    request.open("POST", alike.getAttribute("data-alike"));
    request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    request.onload = function () {
      if (mine === turn && request.status === 200) show(request.responseText);
    };
    request.send(body);
  }
  // The answer is our own page's HTML, made by the same server; scripts in it would not run anyway.
  function show(html) {
    alike.innerHTML = html;
    each(form.querySelectorAll("input[name=seen]"), function (old) { old.parentNode.removeChild(old); });
    each(alike.querySelectorAll("[data-seen]"), function (line) {
      var seen = document.createElement("input");
      seen.type = "hidden";
      seen.name = "seen";
      seen.value = line.getAttribute("data-seen");
      form.appendChild(seen);
    });
    // In large print what is alike is a screen of its own, on the way from the words to the photos.
    var next = form.querySelector(".on-text .turn a:not(.plain)");
    if (next) next.setAttribute("href", alike.children.length ? "#step-same" : "#step-photo");
  }

  // Sent by the browser itself: other scripts send a form as a report, and this is none. What was typed has arrived with it,
  // so that the page that comes of it drops the draft.
  form.addEventListener("click", function (event) {
    var button = event.target;
    if (!button || button.name !== "join" || !button.value) return;
    event.preventDefault();
    var join = document.createElement("input");
    join.type = "hidden";
    join.name = "join";
    join.value = button.value;
    form.appendChild(join);
    if (window.louma) window.louma.keep("sessionStorage", "sent", form.getAttribute("data-key"));
    HTMLFormElement.prototype.submit.call(form);
  });
  form.addEventListener("change", function (event) {
    if (event.target && event.target.name === "category") { warn(); look(); }
  });
  form.addEventListener("input", function (event) {
    if (event.target && event.target.name === "text") look();
  });
  warn();
})();
