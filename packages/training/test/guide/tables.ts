import { array, random, slice } from "@chain/array";
import { SerialIterator, tabular } from "@chain/training";

random.seed(0);
const people = tabular.fromData({
  name: ["Ada", "Emmy", "Grace", "Hedy"],
  born: Int32Array.of(1815, 1882, 1906, 1914),
  vector: array([
    [0, 1],
    [1, 0],
    [1, 1],
    [0, 0],
  ]),
});
console.log(people.getExample(0).name, people.slice(slice(1), "born").fetch()); // rows 1 to the end, one column

// A column of each example, columns of many at once, and other columns beside them.
const initials = people.transform("initial", ({ name }) => name.charAt(0));
const centuries = people.transformBatch("century", ({ born }) => born.map((year) => Math.floor(year / 100) + 1));
const joined = initials.join(centuries);
console.log(joined.keys.join(), [...joined].join(" "));

// Minibatches are taken column by column, and become arrays.
const batches = new SerialIterator(people.slice(null, ["vector", "born"]).astuple(), 2);
console.log(batches.next().map(([vector, born]) => `${vector.shape.join()} ${born}`));
