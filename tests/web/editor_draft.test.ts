// SPDX-License-Identifier: GPL-3.0-or-later
import assert from "node:assert/strict";
import { test } from "node:test";
import { add, duplicate, look, noRegions, remove, replace, restyle, setInvert } from "../../web/app/editor/change.ts";
import { close, type Draft, drag, type Outcome, placed, press, release, type Scene } from "../../web/app/editor/draft.ts";
import { isOn } from "../../web/app/editor/geometry.ts";
import { pushHistory, redo, startHistory, stepsKept, undo } from "../../web/app/editor/history.ts";
import { addCornerAt, cornerAt, cornerOf, edgeMiddles, moveCorner, removeCorner } from "../../web/app/editor/corners.ts";
import { areaTo, commandOf } from "../../web/app/editor/keys.ts";
import type { Point, PolygonRegion, Region } from "../../web/app/editor/regions.ts";

const scene: Scene = {
  tool: "brush",
  regions: noRegions,
  selected: null,
  corner: null,
  crop: null,
  grid: { width: 1000, height: 800, cellWidth: 16, cellHeight: 16 },
  style: "fill",
  color: "#102030",
  radius: 20,
  reach: 22,
};
const face: Region = { shape: "ellipse", x: 100, y: 100, w: 80, h: 100, style: "blur" };
const withFace: Scene = { ...scene, regions: { version: 1, regions: [face] } };

function through(at: Scene, ...points: Point[]): Outcome {
  const [first, ...rest] = points;
  assert.ok(first);
  let draft: Draft = press(at, first);
  for (const point of rest) draft = drag(draft, point, at);
  return release(draft, at);
}

test("brush__covers_where_it_went", () => {
  const points: Point[] = Array.from({ length: 120 }, (_, i) => [100 + i * 3, 300 + Math.sin(i / 9) * 60]);
  const region = through(scene, ...points).regions?.regions[0];
  assert.ok(region?.shape === "stroke");
  assert.ok(region.points.length < 60);
  assert.deepEqual([region.style, region.color], ["fill", "#102030"]);
  for (const [x, y] of points) {
    for (const [dx, dy] of [[20, 0], [-20, 0], [0, 20], [0, -20]] as const) assert.ok(isOn(region, [x + dx, y + dy]));
  }
});

test("brush__beside_the_picture_leaves_nothing", () => {
  assert.deepEqual(through(scene, [-300, 5], [-100, 7]), { draft: null });
});

test("tap__is_one_oval_of_the_brush", () => {
  const got = through({ ...scene, tool: "tap", style: "mosaic" }, [200, 300]);
  assert.deepEqual(got.regions?.regions, [{ shape: "ellipse", x: 180, y: 280, w: 40, h: 40, style: "mosaic" }]);
});

test("box__is_clipped_to_the_picture_and_chosen", () => {
  const got = through({ ...scene, tool: "box" }, [950, 700], [1200, 650]);
  assert.deepEqual(got.regions?.regions, [
    { shape: "rect", x: 950, y: 650, w: 50, h: 50, style: "fill", color: "#102030" },
  ]);
  assert.equal(got.selected, 0);
});

test("box__of_a_mere_tap_chooses_what_is_there", () => {
  const tool = { ...withFace, tool: "box" } as const;
  assert.deepEqual(through(tool, [140, 150]), { draft: null, selected: 0 });
  assert.deepEqual(through(tool, [500, 500]), { draft: null, selected: null });
});

test("outline__closes_on_its_first_corner", () => {
  const tool: Scene = { ...scene, tool: "polygon" };
  let draft: Draft | null = null;
  let got: Outcome = { draft: null };
  for (const at of [[100, 100], [300, 100], [200, 300], [104, 103]] satisfies Point[]) {
    got = release(press(tool, at, draft), tool);
    draft = got.draft;
  }
  assert.equal(draft, null);
  assert.deepEqual(got.regions?.regions[0], {
    shape: "polygon",
    points: [[100, 100], [300, 100], [200, 300]],
    style: "fill",
    color: "#102030",
  });
});

test("outline__that_encloses_nothing_is_not_taken", () => {
  const draft = { kind: "polygon", points: [[0, 0], [10, 10], [20, 20]], at: null } satisfies Draft;
  assert.deepEqual(close(draft, scene), { draft });
  assert.deepEqual(close({ ...draft, points: [[0, 0]] }, scene).regions, undefined);
});

test("select__moves_and_pulls_and_lets_go", () => {
  const tool: Scene = { ...withFace, tool: "select" };
  const moved = through(tool, [140, 150], [150, 180]);
  assert.deepEqual(moved.regions?.regions, [{ ...face, x: 110, y: 130 }]);
  assert.equal(moved.selected, 0);
  const pulled = through({ ...tool, selected: 0 }, [180, 200], [200, 240]);
  assert.deepEqual(pulled.regions?.regions, [{ ...face, w: 100, h: 140 }]);
  assert.deepEqual(through(tool, [140, 150]), { draft: null, selected: 0, corner: null });
  assert.deepEqual(through(tool, [600, 600]), { draft: null, selected: null });
});

test("crop__is_whole_pixels_and_nothing_when_it_keeps_all", () => {
  const tool: Scene = { ...scene, tool: "crop" };
  assert.deepEqual(through(tool, [0, 400], [100.5, 400]).crop, { x: 100, y: 0, width: 900, height: 800 });
  assert.deepEqual(through(tool, [300, 300], [500.2, 401]).crop, { x: 300, y: 300, width: 201, height: 101 });
  const cut: Scene = { ...tool, crop: { x: 100, y: 100, width: 500, height: 500 } };
  assert.deepEqual(through(cut, [300, 300], [2000, 300]).crop, { x: 500, y: 100, width: 500, height: 500 });
  assert.equal(through(cut, [100, 100], [-50, -50], [100, 100]).crop?.x, 100);
  assert.equal(through({ ...tool, crop: { x: 0, y: 0, width: 999, height: 800 } }, [999, 400], [1100, 400]).crop, null);
});

test("keys__place_what_a_hand_would_draw", () => {
  for (const tool of ["brush", "tap", "box", "ellipse"] as const) {
    const got = placed({ ...scene, tool }, [500, 400], 120);
    assert.equal(got.regions?.regions.length, 1, tool);
    assert.equal(got.selected, 0);
    const region = got.regions?.regions[0];
    assert.ok(region !== undefined && isOn(region, [500, 400]));
  }
  assert.deepEqual(placed({ ...scene, tool: "crop" }, [0, 0], 1).crop, { x: 100, y: 80, width: 800, height: 640 });
  assert.deepEqual(placed({ ...scene, tool: "polygon" }, [5, 6], 1).draft, { kind: "polygon", points: [], at: [5, 6] });
});

test("changes__leave_other_regions_the_same_objects", () => {
  const other: Region = { shape: "rect", x: 1, y: 2, w: 3, h: 4, style: "fill", color: "#ffffff" };
  const list = add(add(noRegions, face), other);
  assert.equal(replace(list, 0, other).regions[1], other);
  assert.deepEqual(remove(list, 0).regions, [other]);
  assert.deepEqual(duplicate(list, 1, 5).regions[2], { ...other, x: 6, y: 7 });
  assert.deepEqual(restyle(list, 1, "blur", "#000000").regions[1], { shape: "rect", x: 1, y: 2, w: 3, h: 4, style: "blur" });
  assert.equal(restyle(list, 0, "blur", "#000000"), list);
  assert.deepEqual(look("mosaic", "#123456"), { style: "mosaic" });
  assert.deepEqual(setInvert(list, true), { ...list, invert: true });
  assert.equal("invert" in setInvert(setInvert(list, true), false), false);
});

test("history__goes_back_and_forth", () => {
  let history = startHistory("a");
  history = pushHistory(pushHistory(history, "b"), "c");
  assert.equal(undo(undo(history)).present, "a");
  assert.equal(redo(undo(history)).present, "c");
  assert.equal(undo(startHistory("a")).present, "a");
  assert.deepEqual(pushHistory(undo(history), "d").future, []);
  assert.equal(pushHistory(history, "c"), history);
  for (let i = 0; i < 2 * stepsKept; i++) history = pushHistory(history, `${i}`);
  assert.equal(history.past.length, stepsKept);
});

test("keys__are_the_editor_s_only_where_they_mean_something", () => {
  const key = (name: string, held: Partial<KeyboardEvent> = {}) =>
    commandOf({ key: name, code: "", ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held });
  assert.deepEqual(key("z", { ctrlKey: true }), { do: "undo" });
  assert.deepEqual(key("Z", { metaKey: true, shiftKey: true }), { do: "redo" });
  assert.deepEqual(key("ArrowLeft", { shiftKey: true }), { do: "arrow", x: -1, y: 0, edge: 1 });
  assert.deepEqual(key("ArrowLeft", { shiftKey: true, altKey: true }), { do: "arrow", x: -1, y: 0, edge: -1 });
  assert.equal(key("ArrowLeft", { altKey: true }), null);
  assert.equal(key("+", { ctrlKey: true }), null);
  assert.equal(key("Tab"), null);
  assert.equal(key("constructor"), null);
  assert.deepEqual(key("e"), { do: "tool", tool: "ellipse" });
  assert.deepEqual(key("n"), { do: "add-corner" });
});

test("keys__are_found_where_letters_are_not_latin", () => {
  const key = (name: string, code: string, ctrlKey = false) =>
    commandOf({ key: name, code, ctrlKey, metaKey: false, shiftKey: false, altKey: false });
  assert.deepEqual(key("ئ", "KeyZ", true), { do: "undo" });
  assert.deepEqual(key("ㄱ", "KeyR"), { do: "tool", tool: "box" });
  assert.equal(key("é", "Digit2"), null);
  // A Latin letter is itself, wherever it lies.
  assert.equal(key("w", "KeyZ", true), null);
});

test("areas__follow_one_another_round_and_round", () => {
  assert.equal(areaTo("next", null, 3), 0);
  assert.equal(areaTo("next", 2, 3), 0);
  assert.equal(areaTo("before", 0, 3), 2);
  assert.equal(areaTo("before", null, 3), 2);
  assert.deepEqual([areaTo("first", 1, 3), areaTo("last", 1, 3)], [0, 2]);
  for (const to of ["next", "before", "first", "last"] as const) assert.equal(areaTo(to, null, 0), null);
});

const roof: PolygonRegion = { shape: "polygon", points: [[100, 300], [300, 300], [200, 100]], style: "fill", color: "#102030" };
const withRoof: Scene = { ...scene, tool: "select", regions: { version: 1, regions: [roof] }, selected: 0 };

test("outline__is_pulled_by_a_corner_and_keeps_the_others", () => {
  const got = through(withRoof, [305, 296], [345, 316]);
  assert.deepEqual(got.regions?.regions, [{ ...roof, points: [[100, 300], [340, 320], [200, 100]] }]);
  assert.deepEqual([got.selected, got.corner], [0, 1]);
});

test("outline__gets_a_corner_out_of_the_middle_of_an_edge", () => {
  const got = through(withRoof, [200, 302], [200, 352]);
  assert.deepEqual(got.regions?.regions, [{ ...roof, points: [[100, 300], [200, 350], [300, 300], [200, 100]] }]);
  assert.equal(got.corner, 1);
  // The edge from the last corner to the first.
  const closing = through(withRoof, [150, 200], [110, 190]);
  assert.deepEqual(closing.regions?.regions, [{ ...roof, points: [...roof.points, [110, 190]] }]);
  assert.equal(closing.corner, 3);
});

test("outline__is_moved_whole_by_what_is_within", () => {
  const got = through(withRoof, [200, 230], [210, 240]);
  assert.deepEqual(got.regions?.regions, [{ ...roof, points: [[110, 310], [310, 310], [210, 110]] }]);
  assert.equal(got.corner, null);
});

test("outline__that_was_pulled_flat_stays_as_it_was", () => {
  const got = through({ ...withRoof, grid: { ...scene.grid, width: 400 } }, [200, 100], [200, 300]);
  assert.deepEqual(got, { draft: null, selected: 0, corner: null });
});

test("outline__tool_takes_corners_of_the_chosen_one_and_begins_anew_beside_it", () => {
  const tool: Scene = { ...withRoof, tool: "polygon" };
  assert.deepEqual(through(tool, [100, 300], [90, 310]).regions?.regions[0], {
    ...roof,
    points: [[90, 310], [300, 300], [200, 100]],
  });
  assert.deepEqual(through(tool, [600, 600]).draft, { kind: "polygon", points: [[600, 600]], at: null });
  // While one is drawn, its next corner may lie on those of another.
  const begun: Draft = { kind: "polygon", points: [[90, 500]], at: null };
  assert.equal(press(tool, [100, 300], begun).kind, "polygon");
});

test("outline__of_two_hundred_pixels_a_side_offers_targets_of_44_pixels_that_lie_apart", () => {
  const square: PolygonRegion = { shape: "polygon", points: [[0, 0], [200, 0], [200, 200], [0, 200]] };
  const places = [...square.points, ...edgeMiddles(square, 22).map(({ at }) => at)];
  assert.equal(places.length, 8);
  for (const [i, place] of places.entries()) {
    assert.equal(cornerAt(square, [place[0] + 15, place[1] + 15], 22)?.index, i < 4 ? i : i - 3);
    for (const other of places.slice(i + 1)) assert.ok(Math.hypot(place[0] - other[0], place[1] - other[1]) >= 44);
  }
});

test("corners__are_added_and_removed_by_number", () => {
  assert.deepEqual(addCornerAt(roof, 1).points, [[100, 300], [200, 300], [300, 300], [200, 100]]);
  assert.deepEqual(addCornerAt(roof, 3).points, [...roof.points, [150, 200]]);
  assert.deepEqual(removeCorner(addCornerAt(roof, 3), 3), roof);
  assert.equal(removeCorner(roof, 0), null);
  // What is left would lie on one line.
  assert.equal(removeCorner(addCornerAt(roof, 1), 3), null);
  assert.deepEqual(moveCorner(roof, 0, -500, 900, scene.grid).points[0], [0, 800]);
  assert.deepEqual([cornerOf(roof, 2), cornerOf(roof, 3), cornerOf(face, 0), cornerOf(roof, null)], [[200, 100], null, null, null]);
});
