/** stub */
export class VomsDirectory { constructor(readonly chains: readonly { vo: string; host: string; chain: readonly string[] }[]) {} }
export function readLsc(_text: string): readonly (readonly string[])[] { return [] }
