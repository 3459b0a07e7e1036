// Shows the server that somebody takes their time over the form: asks for a token when the form is first touched, and,
// when many report at once, finds the number that it asks for, in the background. Nobody has to do anything.
// Without it, or where it fails, the report is taken all the same; a person may look at it first.
(function () {
  "use strict";

  Array.prototype.forEach.call(document.querySelectorAll("form[data-token]"), function (form) {
    // When it was last asked for. While somebody writes it is asked anew each minute, so that it knows of a rush that has
    // begun meanwhile.
    var asked = 0;
    function ask() {
      if (Date.now() - asked < 60000) return;
      asked = Date.now();
      var request = new XMLHttpRequest();
      request.open("GET", form.getAttribute("data-token"));
      request.onload = function () {
        var given;
        try { given = JSON.parse(request.responseText); } catch (_) { return; }
        if (request.status !== 200 || !given.token) return;
        // One that was worked for stays until the next is.
        if (!(given.bits > 0 && form.elements.work.value)) show(given, "");
        if (given.bits > 0) work(given);
      };
      // On the next touch once more.
      request.onerror = function () { asked = 0; };
      request.send();
    }
    function show(given, found) {
      form.elements.token.value = given.token;
      form.elements.work.value = found;
    }
    function work(given) {
      if (!window.Worker) return;
      var worker;
      try { worker = new Worker(form.getAttribute("data-work")); } catch (_) { return; }
      worker.onmessage = function (event) {
        show(given, String(event.data));
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
      asked = 0;
      form.elements.token.value = form.elements.work.value = "";
    });
  });
})();
