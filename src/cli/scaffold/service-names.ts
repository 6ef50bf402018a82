import { UsageError } from '../errors.ts'

/** What a new service is called wherever it has a name. */
export interface ServiceNames {
  /** As typed, such as `weather-forecast`: the folder, the GAR ID. */
  readonly id: string
  /** `WeatherForecast`: the profile's Name. */
  readonly name: string
  readonly serviceClass: string
  /** `org.example.weatherforecast` */
  readonly javaPackage: string
  /** `WeatherForecastService` */
  readonly className: string
  /** `weather-forecast-stubs` */
  readonly stubs: string
}

/** @throws {UsageError} a name that can't be one everywhere */
export function serviceNames(id: string, serviceClass = 'Samples', javaPackage?: string): ServiceNames {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) {
    throw new UsageError(`${id} can't name a service`, 'use lower-case letters, digits and hyphens: weather-forecast')
  }
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(serviceClass)) {
    throw new UsageError(`${serviceClass} can't be a service class`, 'use letters and digits: --class Weather')
  }
  const inPackage = javaPackage ?? `org.example.${id.replaceAll('-', '')}`
  if (!/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*$/.test(inPackage)) {
    throw new UsageError(
      `${inPackage} can't be a package`,
      'use names with dots between: --package org.example.weather',
    )
  }
  const name = id.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  return { id, name, serviceClass, javaPackage: inPackage, className: `${name}Service`, stubs: `${id}-stubs` }
}
