// Shows the server that somebody takes their time over the form: asks for a token when the form is first touched, and,
// when many report at once, finds the number that it asks for, in the background. Nobody has to do anything.
// Without it, or where it fails, the report is taken all the same; a person may look at it first.
(function () {
  "use strict";

  Array.prototype.forEach.call(document.querySelectorAll("form[data-token]"), function (form) {
    var asked = false;
    function ask() {
      if (asked) return;
      asked = true;
      var request = new XMLHttpRequest();
      request.open("GET", form.getAttribute("data-token"));
      request.onload = function () {
        var given;
        try { given = JSON.parse(request.responseText); } catch (_) { return; }
        if (request.status !== 200 || !given.token) return;
        form.elements.token.value = given.token;
        form.elements.work.value = "";
        if (given.bits > 0) work(given);
      };
      // On the next touch once more.
      request.onerror = function () { asked = false; };
      request.send();
    }
    function work(given) {
      if (!window.Worker) return;
      var worker;
      try { worker = new Worker(form.getAttribute("data-work")); } catch (_) { return; }
      worker.onmessage = function (event) {
        if (form.elements.token.value === given.token) form.elements.work.value = String(event.data);
        worker.terminate();
      };
      worker.postMessage({ token: given.token, bits: given.bits });
    }
    ["focusin", "input", "change", "pointerdown", "touchstart"].forEach(function (kind) {
      form.addEventListener(kind, ask);
    });
    // A page that comes back from memory has spent its token.
    window.addEventListener("pageshow", function (event) {
      if (!event.persisted) return;
      asked = false;
      form.elements.token.value = form.elements.work.value = "";
    });
  });
})();
