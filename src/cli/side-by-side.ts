// The same work for many things, some of them at a time.

/**
 * What `work` gives for each item, in the order of the items. No more than `limit` are at work at a time. Rejects with
 * the first error; then no further work is begun.
 */
export async function sideBySide<Item, Result>(
  items: readonly Item[],
  { limit, work }: { readonly limit: number; readonly work: (item: Item) => Promise<Result> },
): Promise<readonly Result[]> {
  const results: Result[] = []
  const left = items.entries()
  let hasFailed = false
  const worker = async (): Promise<void> => {
    for (const [index, item] of left) {
      results[index] = await work(item).catch((error: unknown) => {
        hasFailed = true
        throw error
      })
      if (hasFailed) return
    }
  }
  await Promise.all(Array.from({ length: limit }, worker))
  return results
}
