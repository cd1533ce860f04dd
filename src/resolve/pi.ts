import type { ProfilePi } from '../profile/pi.ts'
import { overlayName, overlayParameters, parameterText } from '../profile/pi.ts'
import type { PageSize } from '../recipes/recipe.ts'

/** `name=value` lines for one device tree or overlay. */
export type DeviceTreeParameters = readonly (readonly [name: string, value: string])[]

export interface ResolvedOverlay {
  readonly name: string
  readonly parameters: DeviceTreeParameters
}

/** Settings of a Raspberry Pi, all filled. */
export interface ResolvedPi {
  /** As the recipe names it; null: all models of the board. */
  readonly model: string | null
  readonly pages: PageSize
  readonly uart: boolean
  readonly bluetooth: boolean
  readonly gpuMemoryMib: number | null
  readonly usbBoot: boolean
  readonly overlays: readonly ResolvedOverlay[]
  readonly parameters: DeviceTreeParameters
  /** Raw lines of config.txt and words of the kernel command line. */
  readonly config: readonly string[]
  readonly kernelArguments: readonly string[]
}

/** By name: keys of a mapping have no order, and the same settings make the same boot partition. */
const parametersOf = (params: NonNullable<ProfilePi['params']>): DeviceTreeParameters =>
  Object.entries(params)
    .map(([name, value]) => [name, parameterText(value)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))

/** Thousandths of a degree, as the kernel counts. */
const millidegrees = (celsius: number): string => String(Math.round(celsius * 1000))

const numbered = (prefix: string, temperatures: readonly number[]): DeviceTreeParameters =>
  temperatures.map((each, index) => [`${prefix}${index}`, millidegrees(each)])

/**
 * A fan as overlay and parameters (raspberrypi/linux, arch/arm/boot/dts/overlays/README: `fan_temp0` of the base tree of a 5,
 * `rpi-poe`, `rpi-poe-plus`, `gpio-fan`).
 */
const fanOf = ({ fan }: ProfilePi): Pick<ResolvedPi, 'overlays' | 'parameters'> => {
  if (fan === undefined) return { overlays: [], parameters: [] }
  const temperatures = fan.temperatures ?? []
  switch (fan.kind) {
    case 'pi5':
      return { overlays: [], parameters: [['cooling_fan', 'on'], ...numbered('fan_temp', temperatures)] }
    case 'gpio':
      return {
        overlays: [
          {
            name: 'gpio-fan',
            parameters: [
              ['gpiopin', String(fan.pin)],
              ...temperatures.map((each) => ['temp', millidegrees(each)] as const),
            ],
          },
        ],
        parameters: [],
      }
    default:
      return {
        overlays: [{ name: `rpi-${fan.kind}`, parameters: numbered('poe_fan_temp', temperatures) }],
        parameters: [],
      }
  }
}

export const resolvePi = (pi: ProfilePi = {}): ResolvedPi => {
  const fan = fanOf(pi)
  return {
    model: pi.model ?? null,
    pages: pi.kernel ?? '4k',
    uart: pi.uart ?? true,
    bluetooth: pi.bluetooth ?? true,
    gpuMemoryMib: pi.gpuMemory ?? null,
    usbBoot: pi.usbBoot ?? false,
    overlays: [
      ...(pi.overlays ?? []).map((overlay) => ({
        name: overlayName(overlay),
        parameters: parametersOf(overlayParameters(overlay)),
      })),
      ...fan.overlays,
    ],
    parameters: [...parametersOf(pi.params ?? {}), ...fan.parameters],
    config: pi.config ?? [],
    kernelArguments: pi.cmdline ?? [],
  }
}
