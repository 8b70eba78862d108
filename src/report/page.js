/* Comfort for the HTML report: theme, tooltips, sorting, a filter, everything unfolded for paper. The page is whole
 * without it. Tooltips read the drawn paths back through the axes' data attributes, so that no figure is in the page
 * twice. (Never a doubled closing bracket before a greater-than sign here: it would end the XML section around it.) */
(function () {
  'use strict';
  var root = document.documentElement;

  function all(query, from) {
    return Array.prototype.slice.call((from || document).querySelectorAll(query));
  }

  /* ---- theme ---- */
  var button = document.getElementById('theme');
  if (button) {
    button.hidden = false;
    button.onclick = function () {
      var system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
      root.dataset.theme = (root.dataset.theme || system) === 'dark' ? 'light' : 'dark';
    };
  }

  /* ---- figures, as the report itself prints them ---- */
  var units = {
    ns: [['ns', 1], ['\u00b5s', 1e3], ['ms', 1e6], ['s', 1e9], ['min', 6e10]],
    bytes: [['B', 1], ['KiB', 1024], ['MiB', 1048576], ['GiB', 1073741824]]
  };

  function digits(v) {
    var a = Math.abs(v);
    return v.toFixed(a >= 1000 || a === 0 ? 0 : a >= 100 ? 1 : a >= 10 ? 2 : 3);
  }

  function show(v, unit) {
    var scale = units[unit], i = 0;
    if (scale) {
      while (i + 1 < scale.length && Math.abs(v) >= scale[i + 1][1]) i++;
      return digits(v / scale[i][1]) + ' ' + scale[i][0];
    }
    if (unit === 'seconds') return digits(v) + ' s';
    if (unit === 'share') return digits(v * 100) + ' %';
    if (unit === '1/s') return digits(v) + '/s';
    if (unit === 'quantile') return 'p' + (v * 100).toFixed(v > 0.9989 ? 3 : v > 0.989 ? 2 : 1);
    if (unit === 'run') return 'run ' + Math.round(v);
    return digits(v) + (unit ? ' ' + unit : '');
  }

  /* ---- axes: "log,1000,5000000,ns" ---- */
  function axis(text) {
    var part = text.split(',');
    return { kind: part[0], lo: +part[1], hi: +part[2], unit: part.slice(3).join(',') };
  }

  function place(kind, v) {
    return kind === 'log' ? Math.log10(v) : kind === 'tail' ? -Math.log10(1 - v) : v;
  }

  function value(a, fraction) {
    var lo = place(a.kind, a.lo), hi = place(a.kind, a.hi), p = lo + fraction * (hi - lo);
    return a.kind === 'log' ? Math.pow(10, p) : a.kind === 'tail' ? 1 - Math.pow(10, -p) : p;
  }

  /* Lines are pairs of numbers; dots have a third, the length 0 of their stroke. */
  function points(path) {
    if (!path.read) {
      var n = (path.getAttribute('d').match(/-?[\d.]+/g) || []).map(Number);
      var step = path.classList.contains('d') ? 3 : 2;
      path.read = [];
      for (var i = 0; i + 1 < n.length; i += step) path.read.push([n[i], n[i + 1]]);
    }
    return path.read;
  }

  function nearest(path, x) {
    var best = null;
    points(path).forEach(function (p) {
      if (!best || Math.abs(p[0] - x) < Math.abs(best[0] - x)) best = p;
    });
    return best && Math.abs(best[0] - x) < 40 ? best : null;
  }

  var tip = document.createElement('div');
  tip.id = 'tip';
  tip.hidden = true;
  document.body.appendChild(tip);

  function place_tip(event) {
    var left = event.pageX + 14;
    if (left + tip.offsetWidth > root.clientWidth - 8) left = event.pageX - tip.offsetWidth - 14;
    tip.style.left = Math.max(4, left) + 'px';
    tip.style.top = event.pageY + 12 + 'px';
  }

  all('.plot').forEach(function (figure) {
    var svg = figure.querySelector('svg'), lines = all('[data-n]', figure);
    var X = axis(figure.dataset.x), Y = axis(figure.dataset.y), height = svg.viewBox.baseVal.height;
    if (!lines.length) return;
    svg.addEventListener('pointermove', function (event) {
      var box = svg.getBoundingClientRect(), x = (event.clientX - box.left) / box.width * 1000, at = null, text = [];
      lines.forEach(function (line) {
        var p = nearest(line, x);
        if (!p) return;
        at = at || p;
        text.push((lines.length > 1 ? line.dataset.n + ' ' : '') +
                  show(value(Y, (height - p[1]) / (height - 4)), Y.unit));
      });
      tip.hidden = !at;
      if (!at) return;
      tip.textContent = show(value(X, at[0] / 1000), X.unit) + '\n' + text.join('\n');
      place_tip(event);
    });
    svg.addEventListener('pointerleave', function () { tip.hidden = true; });
  });

  /* ---- sorting: by data-v, else by text; missing figures last ---- */
  function key(row, i) {
    var cell = row.cells[i];
    if (cell.dataset.v !== undefined) return +cell.dataset.v;
    return cell.classList.contains('n') ? Infinity : cell.textContent;
  }

  function sort_by(table, head, i) {
    var up = head.getAttribute('aria-sort') !== 'ascending', body = table.tBodies[0];
    all('th', table).forEach(function (h) { h.removeAttribute('aria-sort'); });
    head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
    all('tr', body).sort(function (a, b) {
      var x = key(a, i), y = key(b, i), order = x > y ? 1 : y > x ? -1 : 0;
      return up ? order : -order;
    }).forEach(function (row) { body.appendChild(row); });
  }

  all('.sortable').forEach(function (table) {
    all('thead th', table).forEach(function (head, i) {
      if (head.matches('.forest, .spread')) return;
      head.tabIndex = 0;
      head.onclick = function () { sort_by(table, head, i); };
      head.onkeydown = function (event) { if (event.key === 'Enter') sort_by(table, head, i); };
    });
  });

  /* ---- a filter, when there is much to filter ---- */
  var cases = all('.case'), overview = document.getElementById('overview');
  if (cases.length > 8 && overview) {
    var filter = document.createElement('input');
    filter.id = 'filter';
    filter.type = 'search';
    filter.placeholder = 'filter cases';
    filter.setAttribute('aria-label', 'filter cases');
    filter.oninput = function () {
      var wanted = filter.value.toLowerCase();
      function misses(element) { return element.textContent.toLowerCase().indexOf(wanted) === -1; }
      cases.forEach(function (c) { c.hidden = misses(c.querySelector('h3')); });
      all('#overview tbody tr').forEach(function (row) { row.hidden = misses(row.cells[0]); });
    };
    overview.insertBefore(filter, overview.children[1]);
  }

  /* ---- links into folded cases, and paper ---- */
  function unfold() {
    var target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (target && target.tagName === 'DETAILS') {
      target.open = true;
      target.scrollIntoView();
    }
  }
  addEventListener('hashchange', unfold);
  unfold();
  addEventListener('beforeprint', function () { cases.forEach(function (c) { c.open = true; }); });
})();
