import { describe, expect, test } from 'vitest'
import { checkPace, fullPace, type Pace, waveSizes } from '../../../src/group/pace.js'

describe('waves', () => {
  test.each([
    [10, undefined, [10]],
    [0, undefined, []],
    [0, { first: 1, then: 1 }, []],
    [10, { first: 1, then: 4 }, [1, 4, 4, 1]],
    [10, { first: 20, then: 1 }, [10]],
    [10, { first: 1, then: '50%' }, [1, 5, 4]],
    [7, { first: '10%', then: '30%' }, [1, 3, 3]],
    [100, { first: '0.5%', then: '100%' }, [1, 99]],
    [1000, { first: '0.7%', then: '100%' }, [7, 993]],
    [3, { first: '34%', then: '1%' }, [2, 1]],
  ] as const)('of %i members by %j are %j', (count, waves, sizes) => {
    expect(waveSizes(count, waves)).toEqual(sizes)
  })
})

test('what a call says of its pace beats what the group says, part by part', () => {
  const group = { parallel: 3, stopAfterFailures: 2 }
  const waves = { first: 1, then: 2 } as const
  expect(fullPace({ parallel: 7, waves }, group)).toEqual({ parallel: 7, waves, stopAfterFailures: 2 })
  expect(fullPace({}, {})).toEqual({ parallel: 50, waves: undefined, stopAfterFailures: Infinity })
})

test.each([
  [{ parallel: 0 }, 'option parallel: must be a whole number, 1 or more'],
  [{ parallel: 1.5 }, 'option parallel'],
  [{ parallel: '5' }, 'option parallel'],
  [{ parallel: Number.POSITIVE_INFINITY }, 'option parallel'],
  [{ stopAfterFailures: 0 }, 'option stopAfterFailures'],
  [{ waves: 5 }, 'option waves: must be an object'],
  [{ waves: { first: 1 } }, 'option waves.then'],
  [{ waves: { first: 0, then: 1 } }, 'option waves.first'],
  [{ waves: { first: '0%', then: 1 } }, 'option waves.first'],
  [{ waves: { first: '101%', then: 1 } }, 'option waves.first'],
  [{ waves: { first: '10', then: 1 } }, 'option waves.first'],
  [{ waves: { first: 1, then: 1, last: 1 } }, 'there is no option "last"'],
] as unknown as [Pace, string][])('a pace of %j is refused', (pace, message) => {
  expect(() => checkPace(pace)).toThrow(TypeError)
  expect(() => checkPace(pace)).toThrow(message)
})
