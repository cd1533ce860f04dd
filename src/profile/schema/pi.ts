import Type from 'typebox'
import { deviceTreeNamePattern } from './text-patterns.ts'

const parameters = (description: string, example: Record<string, string | number | boolean>) =>
  Type.Record(
    Type.String(),
    Type.Union([Type.String({ pattern: '^[^\\s,=]+$' }), Type.Number(), Type.Boolean()]),
    {
      description: `${description} \`true\` and \`false\` are written as \`on\` and \`off\`.`,
      examples: [example],
    },
  )

const overlay = Type.Union(
  [
    Type.String({ pattern: deviceTreeNamePattern }),
    Type.Object(
      {
        name: Type.String({
          description: 'Name of the overlay, without `.dtbo`.',
          examples: ['w1-gpio'],
          pattern: deviceTreeNamePattern,
        }),
        params: Type.Optional(parameters('Parameters of the overlay.', { gpiopin: 4 })),
      },
      {
        description: 'An overlay with parameters.',
        examples: [{ name: 'w1-gpio', params: { gpiopin: 4 } }],
        additionalProperties: false,
      },
    ),
  ],
  {
    description: 'A device tree overlay.',
    examples: ['i2c-rtc', { name: 'w1-gpio', params: { gpiopin: 4 } }],
  },
)

export const fanKinds = ['pi5', 'poe', 'poe-plus', 'gpio'] as const

const fan = Type.Object(
  {
    kind: Type.Enum([...fanKinds], {
      description:
        "pi5: on the fan connector of a Raspberry Pi 5. poe, poe-plus: of the vendor's PoE HATs. gpio: switched by a pin.",
      examples: ['poe-plus'],
    }),
    temperatures: Type.Optional(
      Type.Array(Type.Number({ minimum: 0, maximum: 100 }), {
        description:
          'Degrees Celsius at which the fan takes up its first, second, third and fourth speed, rising; one for `gpio`. Default: those of the overlay.',
        examples: [[50, 60, 67.5, 75]],
        minItems: 1,
        maxItems: 4,
      }),
    ),
    pin: Type.Optional(
      Type.Integer({
        description: 'GPIO of a fan of kind `gpio`.',
        examples: [14],
        minimum: 0,
        maximum: 27,
      }),
    ),
  },
  {
    description: 'A fan that runs by temperature.',
    examples: [{ kind: 'poe-plus', temperatures: [50, 60, 67.5, 75] }],
    additionalProperties: false,
  },
)

export const piSchema = Type.Object(
  {
    model: Type.Optional(
      Type.String({
        description:
          'The model that the card is for, by the name that the board recipe gives it: its device tree must be there. Default: all models of the board that have one.',
        examples: ['3 Model B+', 'Compute Module 4'],
        pattern: '\\S',
      }),
    ),
    kernel: Type.Optional(
      Type.Enum(['4k', '16k'], {
        description: 'Size of the memory pages of the kernel. Many programs run with 4 KiB only.',
        default: '4k',
        examples: ['4k'],
      }),
    ),
    overlays: Type.Optional(
      Type.Array(overlay, {
        description: "Device tree overlays, applied in this order. They need the vendor's kernel.",
        examples: [['i2c-rtc', { name: 'w1-gpio', params: { gpiopin: 4 } }]],
      }),
    ),
    params: Type.Optional(
      parameters("Parameters of the board's own device tree (`dtparam`). They need the vendor's kernel.", {
        i2c_arm: true,
      }),
    ),
    uart: Type.Optional(
      Type.Boolean({
        description:
          'A console on the serial pins (a Raspberry Pi 5: on its debug connector), 115200 baud. `false` leaves the pins free.',
        default: true,
        examples: [false],
      }),
    ),
    bluetooth: Type.Optional(
      Type.Boolean({
        description: 'false: the drivers of Bluetooth are never loaded.',
        default: true,
        examples: [false],
      }),
    ),
    gpuMemory: Type.Optional(
      Type.Integer({
        description:
          "Memory of the graphics processor in MiB (`gpu_mem`). Default: the firmware's, 64 or 76. 16 is the least, and takes the firmware without codecs.",
        examples: [16],
        minimum: 16,
        maximum: 512,
      }),
    ),
    usbBoot: Type.Optional(
      Type.Boolean({
        description:
          'Lets a Raspberry Pi 3 start from USB: the first start from a card sets a bit in the board that stays for ever.',
        default: false,
        examples: [true],
      }),
    ),
    fan: Type.Optional(fan),
    config: Type.Optional(
      Type.Array(Type.String({ pattern: '\\S' }), {
        description: 'Further lines of config.txt, as they are, after all others.',
        examples: [['hdmi_force_hotplug=1']],
      }),
    ),
    cmdline: Type.Optional(
      Type.Array(Type.String({ pattern: '\\S' }), {
        description: 'Further words of the kernel command line, after all others.',
        examples: [['usbcore.autosuspend=-1']],
      }),
    ),
  },
  {
    description:
      "What only Raspberry Pis have. Under `defaults` it is for those nodes that are one; a node's own keys replace those of `defaults`.",
    examples: [{ uart: false, gpuMemory: 16 }],
    additionalProperties: false,
  },
)
