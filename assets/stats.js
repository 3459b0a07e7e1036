// Draws a chart above each table with data-chart="line", "bar", "funnel" or "heat". The table holds the
// figures and stays readable; the chart only shows them. A table in an open details is folded away once
// its chart is drawn, and opened again for paper.
//   first row    th: the name of the axis, then one th per series; with data-beside it is no series
//   other rows   th: the point, then one td per series; data-value where the cell shows other text
//   data-unit    on the table: written after each figure
//   data-stack   on the table: bars on top of each other
// A cell without a number is a gap and never a zero. A funnel is bars from top to bottom, of its first
// series alone, also for a list of long names. Heat shades the cells of the table, or the items of the list, itself.
(function () {
  "use strict";

  var COLOURS = ["#007a3a", "#b45309", "#1d4ed8", "#7c3aed", "#be123c", "#0e7490", "#4d4d4d"];
  var MARKS = ["circle", "rect", "triangle", "diamond", "roundRect", "pin", "arrow"];

  function figure(cell) {
    if (!cell) return null;
    var text = cell.hasAttribute("data-value") ? cell.getAttribute("data-value") : cell.textContent;
    text = text.replace(/[,，\s%]/g, "");
    return text !== "" && isFinite(text) ? Number(text) : null;
  }
  function rows(table) {
    return Array.prototype.slice.call(table.querySelectorAll("tbody tr"));
  }

  function heat(table) {
    var cells = Array.prototype.slice.call(table.querySelectorAll("tbody td, li"));
    var most = cells.reduce(function (max, cell) { return Math.max(max, figure(cell) || 0); }, 0);
    cells.forEach(function (cell) {
      var value = figure(cell);
      if (most > 0 && value > 0) cell.classList.add("heat-" + Math.max(1, Math.ceil(5 * value / most)));
    });
  }

  function funnel(table, head) {
    var unit = table.getAttribute("data-unit") || "";
    return {
      animation: false,
      color: COLOURS,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      aria: { enabled: true },
      tooltip: { trigger: "axis", renderMode: "richText", confine: true, valueFormatter: function (value) { return value == null ? "—" : value + unit; } },
      grid: { left: 8, right: 48, top: 8, bottom: 8, containLabel: true },
      xAxis: { type: "value", minInterval: 1, axisLabel: { hideOverlap: true } },
      yAxis: { type: "category", inverse: true, data: rows(table).map(function (row) { return row.querySelector("th").textContent.trim(); }), axisLabel: { width: 96, overflow: "break", lineHeight: 14 } },
      series: [{ name: head.textContent.trim(), type: "bar", barMaxWidth: 32, label: { show: true, position: "right" }, data: rows(table).map(function (row) { return figure(row.querySelector("td")); }) }]
    };
  }

  function options(table, kind, wide) {
    var heads = Array.prototype.slice.call(table.querySelectorAll("thead th")).slice(1).filter(function (head) { return !head.hasAttribute("data-beside"); });
    if (kind === "funnel") return funnel(table, heads[0]);
    var unit = table.getAttribute("data-unit") || "";
    var stack = table.hasAttribute("data-stack") ? "all" : undefined;
    return {
      animation: false,
      color: COLOURS,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      aria: { enabled: true, decal: { show: heads.length > 1 && kind === "bar" } },
      // Drawn inside the picture: a tooltip of HTML would need inline styles, which the page forbids.
      tooltip: { trigger: "axis", renderMode: "richText", confine: true, valueFormatter: function (value) { return value == null ? "—" : value + unit; } },
      legend: heads.length > 1 ? { top: 0, type: "scroll" } : undefined,
      grid: { left: 8, right: 16, top: heads.length > 1 ? 40 : 24, bottom: 8, containLabel: true },
      xAxis: { type: "category", data: rows(table).map(function (row) { return row.querySelector("th").textContent.trim(); }), axisTick: { alignWithLabel: true }, axisLabel: kind === "bar" ? { interval: 0, width: Math.max(28, Math.floor((wide - 48) / Math.max(1, rows(table).length)) - 6), overflow: "break", lineHeight: 14 } : { interval: "auto", width: 84, overflow: "break" } },
      yAxis: { type: "value", minInterval: unit === "%" ? undefined : 1, name: unit },
      series: heads.map(function (head, at) {
        return {
          name: head.textContent.trim(), type: kind, stack: stack, symbol: MARKS[at % MARKS.length], symbolSize: 8, connectNulls: false, barMaxWidth: 36,
          data: rows(table).map(function (row) { return figure(row.querySelectorAll("td")[at]); })
        };
      })
    };
  }

  function draw(table, kind) {
    var box = document.createElement("div");
    box.className = "chart";
    box.setAttribute("role", "img");
    var caption = table.querySelector("caption");
    box.setAttribute("aria-label", (caption ? caption.textContent.trim() : "图表") + "，数字见下表");
    var holder = table.closest(".table-responsive") || table;
    holder.parentNode.insertBefore(box, holder);
    var chart = window.echarts.init(box, null, { renderer: "svg" });
    chart.setOption(options(table, kind, box.clientWidth));
    window.addEventListener("resize", function () { chart.resize(); });
    var details = table.closest("details");
    if (!details || !details.open) return;
    details.open = false;
    window.addEventListener("beforeprint", function () { details.open = true; });
    window.addEventListener("afterprint", function () { details.open = false; });
  }

  document.querySelectorAll("[data-chart]").forEach(function (table) {
    var kind = table.getAttribute("data-chart");
    if (kind === "heat") heat(table);
    else if (window.echarts && rows(table).length > 0) draw(table, kind);
  });
})();
