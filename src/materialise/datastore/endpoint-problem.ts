/** What lies beside the endpoint in the profile. */
export interface EndpointSurroundings {
  readonly ca: boolean
  readonly client: boolean
}

/** Why k3s cannot use an endpoint, or what its user should know. No text shows any of it but the kind of database. */
export interface EndpointProblem {
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly help: string
}

export const problem = (
  message: string,
  help: string,
  severity: EndpointProblem['severity'] = 'error',
): readonly EndpointProblem[] => [{ severity, message, help }]
