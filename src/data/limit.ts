/** The first few of data that come class by class. */

/** All items in their order if `limit` allows; else the first of each label in turn, so that no class is left out. */
export function takeTurns<T extends { readonly label: string }>(
  items: readonly T[],
  limit: number,
): readonly T[] {
  if (limit >= items.length) return items;
  const classes = new Map<string, T[]>();
  for (const item of items) {
    const others = classes.get(item.label);
    if (others === undefined) classes.set(item.label, [item]);
    else others.push(item);
  }
  const chosen: T[] = [];
  for (let round = 0; chosen.length < limit; round++) {
    for (const one of classes.values()) {
      if (round < one.length && chosen.length < limit) chosen.push(one[round]);
    }
  }
  return chosen;
}
