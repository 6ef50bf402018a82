// `dhn/cfg`: DIRAC's configurations, for services and clients that read or write them.
export { type CfgEntry, type CfgOption, type CfgSection, isOption, isSection, listOf, pathNames } from './cfg.ts'
export { cfgJson } from './cfg-json.ts'
export { CfgSources, fileOf } from './cfg-sources.ts'
export {
  CfgConflict,
  CfgMalformed,
  CfgUnwritable,
  ConfigurationMissing,
  ConfigurationUnreadable,
  SettingInvalid,
} from './errors.ts'
export { emptyCfg, type Layer, mergeLayers, type Origin, originOf, placeText } from './layers.ts'
export { type LocalFile, type LocalPlaces, localFiles } from './local-files.ts'
export {
  divideFullName,
  getGatewayURLs,
  getOperationsOption,
  getOptions,
  getOptionsDict,
  getSections,
  getServiceOption,
  getServiceSection,
  getServiceURL,
  getServiceURLs,
  getSetup,
  getSystemInstance,
  getSystemSection,
  systemSections,
} from './look-up.ts'
export { mergeCfg } from './merge-cfg.ts'
export { isZip, onlyFileIn, zipOf } from './one-file-zip.ts'
export { dictOf, entryAt, optionAt, sectionAt, valueAt } from './options.ts'
export { parseCfg } from './parse-cfg.ts'
export { readCfgFile } from './read-cfg-file.ts'
export { serializeCfg } from './serialize-cfg.ts'
export { settingsCfg } from './settings.ts'
