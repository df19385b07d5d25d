/** Least squares. `low` and `high`: the 95 % interval of the slope, in units of y per unit of x. */
export interface Slope {
  slope: number
  low: number
  high: number
}

/** Of the normal distribution: with less than so many points the interval would be too narrow. */
const Z_95 = 1.96
export const MIN_POINTS = 30

/** Throws RangeError below 30 points. */
export function slopeOf(points: { x: number; y: number }[]): Slope {
  const { length } = points
  if (length < MIN_POINTS) throw new RangeError(`${length} points; ${MIN_POINTS} are needed`)
  const mean = (of: 'x' | 'y'): number => points.reduce((sum, point) => sum + point[of], 0) / length
  const [meanX, meanY] = [mean('x'), mean('y')]
  let xx = 0
  let xy = 0
  for (const { x, y } of points) {
    xx += (x - meanX) ** 2
    xy += (x - meanX) * (y - meanY)
  }
  const slope = xy / xx
  const residual = points.reduce((sum, { x, y }) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0)
  const error = Math.sqrt(residual / (length - 2) / xx)
  return { slope, low: slope - Z_95 * error, high: slope + Z_95 * error }
}
