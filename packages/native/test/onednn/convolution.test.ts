import { beforeAll, expect, test } from "@jest/globals";
import * as nx from "@chain/array";
import { conformanceCases } from "@chain/array/conformance";
import { fc } from "../../../../testing/property.js";
import { oneDnnConvolutions, type ConvolutionRoutines } from "../../src/onednn/convolution.js";
import { describeWithOneDnn } from "./installed.js";
import { accumulate } from "./oracle.js";

const plain = { bias: null, activation: "none" } as const;

/** Routines of a device that note that they were called, and do nothing. */
function noting(calls: string[]): ConvolutionRoutines {
  const note = (name: string) => (): boolean => calls.push(name) > 0;
  return {
    convolution: note("forward"),
    convolutionGradInput: note("gradInput"),
    convolutionGradWeight: note("gradWeight"),
  };
}

function expectClose(actual: nx.NdArray, wanted: Float64Array): void {
  const most = wanted.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  const values = Array.from(actual.dataSync());
  expect(values).toHaveLength(wanted.length);
  const worst = values.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (wanted[i] as number))), 0);
  expect(worst).toBeLessThanOrEqual(2e-6 * most);
}

/** One spatial axis of a convolution. */
const axis = fc.record({
  length: fc.integer({ min: 1, max: 9 }),
  kernel: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 3 }),
  pad: fc.integer({ min: 0, max: 3 }),
  dilate: fc.integer({ min: 1, max: 3 }),
  /** Windows more, or fewer, than fit. */
  more: fc.integer({ min: -1, max: 2 }),
});

const channels = fc.constantFrom(1, 2, 3, 8, 16, 17, 33);

const convolutions = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    inner: channels,
    outer: channels,
    groups: fc.constantFrom(1, 1, 2, 3),
    axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
  })
  .map(({ batch, inner, outer, groups, axes }) => {
    const windows = axes.map(({ length, kernel, stride, pad, dilate, more }) => {
      const fitting = Math.floor((length + 2 * pad - (kernel - 1) * dilate - 1) / stride) + 1;
      return Math.max(1, fitting + more);
    });
    return {
      x: [batch, inner * groups, ...axes.map(({ length }) => length)],
      w: [outer * groups, inner, ...axes.map(({ kernel }) => kernel)],
      y: [batch, outer * groups, ...windows],
      geometry: {
        stride: axes.map(({ stride }) => stride),
        pad: axes.map(({ pad }) => pad),
        dilate: axes.map(({ dilate }) => dilate),
        groups,
      },
    };
  })
  // The oracle is slow.
  .filter(({ w, y }) => [...y, ...w.slice(1)].reduce((product, length) => product * length, 1) < 3e4);

describeWithOneDnn("convolutions by oneDNN", (library) => {
  const calls: string[] = [];
  const routines = oneDnnConvolutions(library, noting(calls));

  test("equal sums in float64, whatever the shapes and windows", () => {
    let declined = 0;
    let computed = 0;
    const verify = (name: string, run: (out: nx.NdArray) => boolean, wanted: Float64Array, shape: number[]): void => {
      calls.length = 0;
      const out = nx.full(shape, NaN);
      expect(run(out)).toBe(true);
      if (calls.length > 0) {
        expect(calls).toEqual([name]);
        declined++;
      } else {
        computed++;
        expectClose(out, wanted);
      }
    };
    fc.assert(
      fc.property(convolutions, ({ geometry, ...shapes }) => {
        nx.scope(() => {
          const [x, w, gy] = [shapes.x, shapes.w, shapes.y].map((shape) => nx.random.uniform(-1, 1, shape)) as [
            nx.NdArray,
            nx.NdArray,
            nx.NdArray,
          ];
          const bias = nx.random.uniform(-1, 1, [shapes.w[0] as number]);
          const wanted = accumulate(shapes, geometry, { x, w });
          verify("forward", (out) => routines.convolution(x, w, out, geometry, plain), wanted, shapes.y);
          const each = shapes.y.slice(2).reduce((product, length) => product * length, 1);
          const added = bias.dataSync();
          const finished = wanted.map((value, i) =>
            Math.max(0, value + (added[Math.floor(i / each) % added.length] as number)),
          );
          const epilogue = { bias, activation: "relu" } as const;
          verify("forward", (out) => routines.convolution(x, w, out, geometry, epilogue), finished, shapes.y);
          verify(
            "gradInput",
            (out) => routines.convolutionGradInput(gy, w, out, geometry),
            accumulate(shapes, geometry, { w, y: gy }),
            shapes.x,
          );
          verify(
            "gradWeight",
            (out) => routines.convolutionGradWeight(x, gy, out, geometry),
            accumulate(shapes, geometry, { x, y: gy }),
            shapes.w,
          );
        });
      }),
      { numRuns: 100 },
    );
    // Most of them; which ones it has no code for depends on the processor.
    expect(computed).toBeGreaterThan(declined);
  });

  test.each(["forward", "gradInput", "gradWeight"] as const)("%s with several threads", (direction) => {
    const shapes = { x: [8, 18, 9, 9], w: [20, 18, 3, 3], y: [8, 20, 9, 9] };
    const geometry = { stride: [1, 1], pad: [1, 1], dilate: [1, 1], groups: 1 };
    nx.scope(() => {
      const [x, w, y] = [shapes.x, shapes.w, shapes.y].map((shape) => nx.random.uniform(-1, 1, shape)) as [
        nx.NdArray,
        nx.NdArray,
        nx.NdArray,
      ];
      if (direction === "forward") {
        routines.convolution(x, w, y, geometry, plain);
        expectClose(y, accumulate(shapes, geometry, { x, w }));
      } else if (direction === "gradInput") {
        routines.convolutionGradInput(y, w, x, geometry);
        expectClose(x, accumulate(shapes, geometry, { w, y }));
      } else {
        routines.convolutionGradWeight(x, y, w, geometry);
        expectClose(w, accumulate(shapes, geometry, { x, y }));
      }
    });
  });

  test("NaN comes through, also through relu", () => {
    const x = nx.array([[[1, NaN, 1]]]);
    const out = nx.zeros([1, 1, 3]);
    const geometry = { stride: [1], pad: [0], dilate: [1], groups: 1 };
    routines.convolution(x, nx.ones([1, 1, 1]), out, geometry, { bias: nx.array([-2]), activation: "relu" });
    expect(out.tolistSync()).toEqual([[[0, NaN, 0]]]);
  });

  test("leaves no memory behind", () => {
    const [x, w, y] = [nx.ones([4, 16, 8, 8]), nx.ones([16, 16, 3, 3]), nx.zeros([4, 16, 8, 8])];
    const geometry = { stride: [1, 1], pad: [1, 1], dilate: [1, 1], groups: 1 };
    const run = (): boolean => routines.convolution(x, w, y, geometry, plain);
    run();
    const before = nx.memoryInfo();
    for (let i = 0; i < 10; i++) run();
    expect(nx.memoryInfo()).toEqual(before);
  });
});

describeWithOneDnn("the cpu is a complete backend with oneDNN", (library) => {
  // Of several providers the last one comes first.
  beforeAll(() => nx.provideRoutines("cpu", (cpu) => oneDnnConvolutions(library, cpu.routines)));
  const cases = conformanceCases("cpu").filter(({ name }) => name.startsWith("convolution"));
  test("there are cases", () => expect(cases.length).toBeGreaterThan(4));
  test.each(cases)("$name", async ({ run }) => void (await run()));
});

describeWithOneDnn("who computes a convolution: oneDNN", (library) => {
  const calls: string[] = [];
  const routines = oneDnnConvolutions(library, noting(calls));
  const geometry = (axes: number, pad = 0): nx.ConvolutionGeometry => {
    const same = (value: number): number[] => Array<number>(axes).fill(value);
    return { stride: same(1), pad: same(pad), dilate: same(1), groups: 1 };
  };

  /** Who computes windows of 3 over 6 elements, or of 1 over the 4 in the middle, along all axes. */
  function chosen(dtype: nx.DType, axes: number, pad = 0): string[] {
    calls.length = 0;
    const cube = (length: number): nx.NdArray => nx.zeros([2, 2, ...Array<number>(axes).fill(length)], { dtype });
    const [x, w, y] = [cube(6), cube(pad === 0 ? 3 : 1), cube(4)];
    routines.convolution(x, w, y, geometry(axes, pad), plain);
    routines.convolutionGradInput(y, w, x, geometry(axes, pad));
    routines.convolutionGradWeight(x, y, w, geometry(axes, pad));
    return [...calls];
  }

  test.each([1, 2, 3])("oneDNN along %i axes", (axes) => expect(chosen("float32", axes)).toEqual([]));

  test.each([
    { what: "float64", dtype: "float64", axes: 2, pad: 0 },
    { what: "four axes", dtype: "float32", axes: 4, pad: 0 },
    { what: "windows that start inside", dtype: "float32", axes: 2, pad: -1 },
  ] as const)("the device itself for $what", ({ dtype, axes, pad }) =>
    expect(chosen(dtype, axes, pad)).toEqual(["forward", "gradInput", "gradWeight"]),
  );

  test("nobody, where the device has no routine either", () => {
    const bare = oneDnnConvolutions(library, {});
    const arrays = [nx.zeros([1, 1, 2], { dtype: "float64" }), nx.zeros([1, 1, 1], { dtype: "float64" })] as const;
    expect(bare.convolution(arrays[0], arrays[1], nx.zeros([1, 1, 2], { dtype: "float64" }), geometry(1), plain)).toBe(
      false,
    );
  });
});
