// What is wrong with the drawings of a page, one line each; [] where all is well. Boxes are
// measured in the drawing's own units. A text's box is as high as its letters, not as its line.
(() => {
  const faults = [];
  const pen = document.createElement("canvas").getContext("2d");
  const PAINTED = "rect, polygon, path, circle, ellipse";

  const mapped = (element, svg) => {
    const matrix = svg.getScreenCTM().inverse().multiply(element.getScreenCTM());
    return (x, y) => new DOMPoint(x, y).matrixTransform(matrix);
  };
  const letters = (text, svg) => {
    const box = text.getBBox();
    const { fontFamily, fontSize, fontStyle, fontWeight } = getComputedStyle(text);
    pen.font = `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`;
    const size = parseFloat(fontSize);
    const ink = pen.measureText(text.textContent);
    const to = mapped(text, svg);
    const [left, right] = [box.x, box.x + box.width];
    const top = box.y + ink.fontBoundingBoxAscent - ink.actualBoundingBoxAscent;
    const bottom = box.y + box.height - ink.fontBoundingBoxDescent + ink.actualBoundingBoxDescent;
    const corners = [to(left, top), to(right, top), to(right, bottom), to(left, bottom)];
    const xs = corners.map((p) => p.x), ys = corners.map((p) => p.y);
    return {
      text, corners, size, said: text.textContent.trim(),
      left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys),
      start: to(left, (top + bottom) / 2), end: to(right, (top + bottom) / 2),
      middle: to((left + right) / 2, (top + bottom) / 2),
    };
  };
  const colour = (value) => {
    const parts = (value.match(/[\d.]+/g) || []).map(Number);
    return /^rgb/.test(value) ? [...parts.slice(0, 3), parts.length > 3 ? parts[3] : 1] : null;
  };
  const opacity = (element, svg) => {
    let product = 1;
    for (let e = element; e && e !== svg; e = e.parentElement) {
      product *= parseFloat(getComputedStyle(e).opacity);
    }
    return product;
  };
  const over = (top, alpha, below) => below.map((c, i) => top[i] * alpha + c * (1 - alpha));
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => {
      const part = c / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)].sort((m, n) => n - m);
    return (x + 0.05) / (y + 0.05);
  };
  const painted = (svg) =>
    [...svg.querySelectorAll(PAINTED)].filter((e) => !e.closest("defs, marker, symbol, clipPath")).map((element) => {
      const style = getComputedStyle(element);
      const fill = colour(style.fill);
      const box = element.getBBox();
      const alpha = fill ? fill[3] * parseFloat(style.fillOpacity) * opacity(element, svg) : 0;
      return { element, fill, alpha, area: box.width * box.height, back: element.getScreenCTM().inverse() };
    }).filter((shape) => shape.alpha > 0.01 && shape.area > 0);
  // Numbers of messages stand on the marker at which their line begins.
  const markers = (svg) =>
    [...svg.querySelectorAll("line, path")].flatMap((line) => {
      const id = getComputedStyle(line).markerStart.match(/#([^")]+)/);
      const mark = id && document.getElementById(id[1])?.querySelector(PAINTED);
      if (!mark) return [];
      const start = line.getPointAtLength(0);
      return [{ at: mapped(line, svg)(start.x, start.y), fill: colour(getComputedStyle(mark).fill) }];
    });
  const inside = (shape, point, svg) => {
    const local = new DOMPoint(point.x, point.y).matrixTransform(shape.back.multiply(svg.getScreenCTM()));
    // Chromium says of the very centre of some circles that it isn't in them.
    const { cx, cy, r, rx = r, ry = r } = shape.element;
    if (!cx) return shape.element.isPointInFill(local);
    const [x, y, a, b] = [local.x - cx.baseVal.value, local.y - cy.baseVal.value, rx.baseVal.value, ry.baseVal.value];
    return (x / a) ** 2 + (y / b) ** 2 <= 1;
  };

  document.querySelectorAll(".assay-diagram svg").forEach((svg, number) => {
    const name = svg.querySelector("title")?.textContent || `drawing ${number + 1}`;
    const fault = (words) => faults.push(`${name}: ${words}`);
    if (!svg.querySelector("title")?.textContent) fault("no title");
    const view = svg.viewBox.baseVal;
    const scale = svg.getScreenCTM().a;
    const sheet = svg.parentElement;
    const ground = colour(getComputedStyle(sheet).backgroundColor);
    if (!ground || ground[3] < 1) fault("its sheet has no colour");
    const shapes = painted(svg);
    const starts = markers(svg);
    const labels = [...svg.querySelectorAll("text")].filter((t) => t.textContent.trim()).map((t) => letters(t, svg));
    if (!labels.length) fault("no text");
    labels.forEach((label, index) => {
      if (label.left < view.x - 0.5 || label.right > view.x + view.width + 0.5
        || label.top < view.y - 0.5 || label.bottom > view.y + view.height + 0.5) fault(`“${label.said}” is clipped`);
      if (label.size * scale < 9.9) fault(`“${label.said}” is ${(label.size * scale).toFixed(1)} px high`);
      for (const other of labels.slice(index + 1)) {
        const wide = Math.min(label.right, other.right) - Math.max(label.left, other.left);
        const high = Math.min(label.bottom, other.bottom) - Math.max(label.top, other.top);
        if (wide > 0.5 && high > 0.5) fault(`“${label.said}” overlaps “${other.said}”`);
      }
      const below = shapes.filter((shape) => inside(shape, label.middle, svg));
      const own = below.reduce((best, shape) => (best && best.area <= shape.area ? best : shape), null);
      const numbered = starts.find((start) => Math.hypot(start.at.x - label.middle.x, start.at.y - label.middle.y) < label.size / 2);
      // Rows of one colour that touch are one ground.
      const grounds = own ? shapes.filter((shape) => String(shape.fill) === String(own.fill)) : [];
      const kept = label.corners.every((corner) => grounds.some((shape) => inside(shape, {
        x: corner.x + Math.sign(label.middle.x - corner.x), y: corner.y + Math.sign(label.middle.y - corner.y),
      }, svg)));
      if (own && !numbered && !kept) fault(`“${label.said}” leaves its ${own.element.tagName}`);
      const ends = [0.05, 0.95].map((part) => ({
        x: label.start.x + (label.end.x - label.start.x) * part, y: label.start.y + (label.end.y - label.start.y) * part,
      }));
      for (const shape of shapes.filter((other) => !below.includes(other))) {
        if (!numbered && ends.some((end) => inside(shape, end, svg))) fault(`“${label.said}” runs into a ${shape.element.tagName}`);
      }
      let behind = ground ? ground.slice(0, 3) : [255, 255, 255];
      for (const shape of below) {
        const before = shape.element.compareDocumentPosition(label.text) & Node.DOCUMENT_POSITION_FOLLOWING;
        if (before) behind = over(shape.fill, shape.alpha, behind);
        else if (shape.alpha > 0.5) fault(`“${label.said}” is painted over`);
      }
      if (numbered?.fill) behind = numbered.fill.slice(0, 3);
      const ink = colour(getComputedStyle(label.text.querySelector("tspan") || label.text).fill);
      if (!ink) fault(`“${label.said}” has no colour`);
      else if (contrast(over(ink, ink[3], behind), behind) < 4.5) {
        fault(`“${label.said}” has a contrast of ${contrast(ink.slice(0, 3), behind).toFixed(1)}`);
      }
    });
  });
  return faults;
})();
