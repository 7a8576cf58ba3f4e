<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
  <context>
    <name>Actions</name>
    <message>
      <source>Open video or project…</source>
      <translation>Film oder Projekt öffnen …</translation>
    </message>
    <message>
      <source>Replace video…</source>
      <translation>Film ersetzen …</translation>
    </message>
    <message>
      <source>Carry cues to the new cut</source>
      <translation>Musik in den neuen Schnitt übernehmen</translation>
    </message>
    <message>
      <source>Close video</source>
      <translation>Film schließen</translation>
    </message>
    <message>
      <source>Quit</source>
      <translation>Beenden</translation>
    </message>
    <message>
      <source>Add music folder…</source>
      <translation>Musikordner hinzufügen …</translation>
    </message>
    <message>
      <source>Scan music folders</source>
      <translation>Musikordner durchsuchen</translation>
    </message>
    <message>
      <source>Describe the music</source>
      <translation>Musik beschreiben</translation>
    </message>
    <message>
      <source>Window full screen</source>
      <translation>Fenster im Vollbild</translation>
    </message>
    <message>
      <source>Fold suggestions</source>
      <translation>Vorschläge einklappen</translation>
    </message>
    <message>
      <source>Fold timeline</source>
      <translation>Zeitleiste einklappen</translation>
    </message>
    <message>
      <source>Dark or light</source>
      <translation>Dunkel oder hell</translation>
    </message>
    <message>
      <source>Find an action</source>
      <translation>Befehl suchen</translation>
    </message>
    <message>
      <source>Keyboard shortcuts</source>
      <translation>Tastenkürzel</translation>
    </message>
    <message>
      <source>First steps</source>
      <translation>Erste Schritte</translation>
    </message>
    <message>
      <source>Undo</source>
      <translation>Rückgängig</translation>
    </message>
    <message>
      <source>Redo</source>
      <translation>Wiederholen</translation>
    </message>
    <message>
      <source>File</source>
      <translation>Datei</translation>
    </message>
    <message>
      <source>Edit</source>
      <translation>Bearbeiten</translation>
    </message>
    <message>
      <source>Playback</source>
      <translation>Wiedergabe</translation>
    </message>
    <message>
      <source>Marks</source>
      <translation>Marken</translation>
    </message>
    <message>
      <source>Timeline</source>
      <translation>Zeitleiste</translation>
    </message>
    <message>
      <source>Suggestions</source>
      <translation>Vorschläge</translation>
    </message>
    <message>
      <source>Library</source>
      <translation>Bibliothek</translation>
    </message>
    <message>
      <source>View</source>
      <translation>Ansicht</translation>
    </message>
    <message>
      <source>Help</source>
      <translation>Hilfe</translation>
    </message>
  </context>
  <context>
    <name>CardDelegate</name>
    <message>
      <source>Used in %s</source>
      <translation>Verwendet in %s</translation>
    </message>
    <message>
      <source>Use</source>
      <translation>Nehmen</translation>
    </message>
  </context>
  <context>
    <name>Chip</name>
    <message>
      <source>Delete takes it away</source>
      <translation>Entf nimmt es weg</translation>
    </message>
  </context>
  <context>
    <name>Choosing</name>
    <message>
      <source>Use %s</source>
      <translation>%s nehmen</translation>
    </message>
    <message>
      <source>Reject %s</source>
      <translation>%s ablehnen</translation>
    </message>
  </context>
  <context>
    <name>Collections</name>
    <message>
      <source>Collections</source>
      <translation>Sammlungen</translation>
    </message>
    <message>
      <source>New collection…</source>
      <translation>Neue Sammlung …</translation>
    </message>
    <message>
      <source>Put in %s</source>
      <translation>In „%s“ legen</translation>
    </message>
    <message>
      <source>Take out of %s</source>
      <translation>Aus „%s“ nehmen</translation>
    </message>
    <message>
      <source>Name of the collection</source>
      <translation>Name der Sammlung</translation>
    </message>
    <message>
      <source>Rename</source>
      <translation>Umbenennen</translation>
    </message>
    <message>
      <source>Rename %s</source>
      <translation>„%s“ umbenennen</translation>
    </message>
    <message>
      <source>Put in</source>
      <translation>Hineinlegen</translation>
    </message>
  </context>
  <context>
    <name>CommandPalette</name>
    <message>
      <source>Actions</source>
      <translation>Befehle</translation>
    </message>
    <message>
      <source>No action has these words.</source>
      <translation>Kein Befehl enthält diese Wörter.</translation>
    </message>
    <message>
      <source>What do you want to do?</source>
      <translation>Was möchtest du tun?</translation>
    </message>
    <message>
      <source>Search actions</source>
      <translation>Befehle durchsuchen</translation>
    </message>
  </context>
  <context>
    <name>Conform</name>
    <message>
      <source>Back to how it was</source>
      <translation>Zurück, wie es war</translation>
    </message>
    <message>
      <source>Done</source>
      <translation>Fertig</translation>
    </message>
    <message>
      <source>The cut has not changed</source>
      <translation>Der Schnitt hat sich nicht geändert</translation>
    </message>
    <message>
      <source>When the film is cut anew, the cues follow their shots, and what changed is listed here.</source>
      <translation>Wird der Film neu geschnitten, folgt die Musik ihren Einstellungen, und hier steht, was sich geändert hat.</translation>
    </message>
    <message>
      <source>Replace video…</source>
      <translation>Film ersetzen …</translation>
    </message>
    <message>
      <source>Changes of the cut</source>
      <translation>Änderungen des Schnitts</translation>
    </message>
    <message>
      <source>Taken back: the cues lie where they were.</source>
      <translation>Zurückgenommen: Die Musik liegt, wo sie lag.</translation>
    </message>
    <message>
      <source>A track that is no longer in the library</source>
      <translation>Ein Stück, das nicht mehr in der Bibliothek ist</translation>
    </message>
    <message>
      <source>{found} of {shots} shots found again</source>
      <translation>{found} von {shots} Einstellungen wiedergefunden</translation>
    </message>
    <message>
      <source>all {shots} shots found again</source>
      <translation>alle {shots} Einstellungen wiedergefunden</translation>
    </message>
    <message>
      <source>1 cue wants to be looked at.</source>
      <translation>1 Musikeinsatz will angesehen werden.</translation>
    </message>
    <message>
      <source>{n} cues want to be looked at.</source>
      <translation>{n} Musikeinsätze wollen angesehen werden.</translation>
    </message>
    <message>
      <source>Every cue lies under its shots.</source>
      <translation>Alle Musik liegt unter ihren Einstellungen.</translation>
    </message>
    <message>
      <source>{hits} of {cuts} cuts on beats</source>
      <translation>{hits} von {cuts} Schnitten auf Schlägen</translation>
    </message>
    <message>
      <source>, before {hits} of {cuts}</source>
      <translation>, vorher {hits} von {cuts}</translation>
    </message>
    <message>
      <source>Where it was</source>
      <translation>Wo es war</translation>
    </message>
    <message>
      <source>{s} s shorter: as much of its picture is gone</source>
      <translation>{s} s kürzer: so viel von ihrem Bild ist weg</translation>
    </message>
    <message>
      <source>{s} s longer: as much picture came under it</source>
      <translation>{s} s länger: so viel Bild kam hinzu</translation>
    </message>
    <message>
      <source>The track ends before its picture does</source>
      <translation>Das Stück endet vor seinem Bild</translation>
    </message>
    <message>
      <source>Its shots lie apart or in another order now; it stayed with the most of them</source>
      <translation>Ihre Einstellungen liegen jetzt getrennt oder anders geordnet; sie blieb bei den meisten</translation>
    </message>
    <message>
      <source>None of its shots is left</source>
      <translation>Keine ihrer Einstellungen ist mehr da</translation>
    </message>
    <message>
      <source>{s} s later</source>
      <translation>{s} s später</translation>
    </message>
    <message>
      <source>{s} s earlier</source>
      <translation>{s} s früher</translation>
    </message>
  </context>
  <context>
    <name>Conforming</name>
    <message>
      <source>Finding the shots of {name} again</source>
      <translation>Einstellungen von {name} werden wiedergesucht</translation>
    </message>
    <message>
      <source>{name} has changed.</source>
      <translation>{name} hat sich geändert.</translation>
    </message>
    <message>
      <source>Open it again</source>
      <translation>Neu öffnen</translation>
    </message>
    <message>
      <source>{name} is cut otherwise than when you laid the music.</source>
      <translation>{name} ist anders geschnitten als beim Legen der Musik.</translation>
    </message>
    <message>
      <source>Carry the cues along</source>
      <translation>Musik mitnehmen</translation>
    </message>
  </context>
  <context>
    <name>CrashReport</name>
    <message>
      <source>Report</source>
      <translation>Bericht</translation>
    </message>
    <message>
      <source>Copy the report</source>
      <translation>Bericht kopieren</translation>
    </message>
    <message>
      <source>Go on working</source>
      <translation>Weiterarbeiten</translation>
    </message>
    <message>
      <source>Something in Needledrop went wrong. Your work is kept; you can go on.</source>
      <translation>In Needledrop ging etwas schief. Deine Arbeit ist gesichert; du kannst weitermachen.</translation>
    </message>
    <message>
      <source>Please send us this report. It holds no music or pictures, but paths of yours.</source>
      <translation>Bitte sende uns diesen Bericht. Er enthält weder Musik noch Bilder, aber Pfade von dir.</translation>
    </message>
  </context>
  <context>
    <name>CueFacts</name>
    <message>
      <source>about %s</source>
      <translation>etwa %s</translation>
    </message>
    <message>
      <source>1 cut</source>
      <translation>1 Schnitt</translation>
    </message>
    <message>
      <source>%s cuts</source>
      <translation>%s Schnitte</translation>
    </message>
    <message>
      <source>no steady beat</source>
      <translation>kein fester Takt</translation>
    </message>
    <message>
      <source>Cuts on beats %s</source>
      <translation>Schnitte auf Schlägen %s</translation>
    </message>
    <message>
      <source>offset %s ms</source>
      <translation>Versatz %s ms</translation>
    </message>
    <message>
      <source>from %s</source>
      <translation>ab %s</translation>
    </message>
  </context>
  <context>
    <name>Document</name>
    <message>
      <source>Carry cues to the new cut</source>
      <translation>Musik in den neuen Schnitt übernehmen</translation>
    </message>
  </context>
  <context>
    <name>Export</name>
    <message>
      <source>Film with music (MP4)</source>
      <translation>Film mit Musik (MP4)</translation>
    </message>
    <message>
      <source>The picture is copied where its codec allows it.</source>
      <translation>Das Bild wird kopiert, wo sein Codec es erlaubt.</translation>
    </message>
    <message>
      <source>Music (WAV)</source>
      <translation>Musik (WAV)</translation>
    </message>
    <message>
      <source>48 kHz, as long as the film: lay it at the start of the timeline.</source>
      <translation>48 kHz, so lang wie der Film: an den Anfang der Zeitleiste legen.</translation>
    </message>
    <message>
      <source>DaVinci Resolve</source>
      <translation>DaVinci Resolve</translation>
    </message>
    <message>
      <source>The cut with its music, to be edited on (OTIO).</source>
      <translation>Der Schnitt mit seiner Musik zum Weiterbearbeiten (OTIO).</translation>
    </message>
    <message>
      <source>Premiere Pro</source>
      <translation>Premiere Pro</translation>
    </message>
    <message>
      <source>The same as Final Cut 7 XML.</source>
      <translation>Dasselbe als Final-Cut-7-XML.</translation>
    </message>
    <message>
      <source>Final Cut Pro</source>
      <translation>Final Cut Pro</translation>
    </message>
    <message>
      <source>The same as FCPXML.</source>
      <translation>Dasselbe als FCPXML.</translation>
    </message>
    <message>
      <source>Kdenlive</source>
      <translation>Kdenlive</translation>
    </message>
    <message>
      <source>A project of its own, from version 23.04 on.</source>
      <translation>Ein eigenes Projekt, ab Version 23.04.</translation>
    </message>
    <message>
      <source>Shotcut</source>
      <translation>Shotcut</translation>
    </message>
    <message>
      <source>A project of its own (MLT).</source>
      <translation>Ein eigenes Projekt (MLT).</translation>
    </message>
    <message>
      <source>Beats and sections as timeline markers (EDL).</source>
      <translation>Schläge und Abschnitte als Marker der Zeitleiste (EDL).</translation>
    </message>
    <message>
      <source>A sequence with markers (XML).</source>
      <translation>Eine Sequenz mit Markern (XML).</translation>
    </message>
    <message>
      <source>Audacity</source>
      <translation>Audacity</translation>
    </message>
    <message>
      <source>Labels.</source>
      <translation>Textmarken.</translation>
    </message>
    <message>
      <source>Table</source>
      <translation>Tabelle</translation>
    </message>
    <message>
      <source>Markers with timecode, for spreadsheets.</source>
      <translation>Marker mit Timecode, für Tabellenprogramme.</translation>
    </message>
    <message>
      <source>Tempo map</source>
      <translation>Tempospur</translation>
    </message>
    <message>
      <source>MIDI, for music programs.</source>
      <translation>MIDI, für Musikprogramme.</translation>
    </message>
    <message>
      <source>WAV with markers</source>
      <translation>WAV mit Markern</translation>
    </message>
    <message>
      <source>The music with its beats inside the file.</source>
      <translation>Die Musik mit ihren Schlägen in der Datei.</translation>
    </message>
    <message>
      <source>Credits</source>
      <translation>Nachweise</translation>
    </message>
    <message>
      <source>The attribution each licence asks for.</source>
      <translation>Die Namensnennung, die jede Lizenz verlangt.</translation>
    </message>
    <message>
      <source>Cue sheet</source>
      <translation>Musikliste</translation>
    </message>
    <message>
      <source>Times, titles, authors and ISRC (CSV).</source>
      <translation>Zeiten, Titel, Urheber und ISRC (CSV).</translation>
    </message>
    <message>
      <source>Cues as data</source>
      <translation>Musik als Daten</translation>
    </message>
    <message>
      <source>Everything about the cues (JSON).</source>
      <translation>Alles über die eingesetzte Musik (JSON).</translation>
    </message>
    <message>
      <source>Film and sound</source>
      <translation>Film und Ton</translation>
    </message>
    <message>
      <source>Projects</source>
      <translation>Projekte</translation>
    </message>
    <message>
      <source>Markers</source>
      <translation>Marker</translation>
    </message>
    <message>
      <source>Papers</source>
      <translation>Papiere</translation>
    </message>
    <message>
      <source>Sound</source>
      <translation>Ton</translation>
    </message>
    <message>
      <source>music under the film's own sound</source>
      <translation>Musik unter dem Ton des Films</translation>
    </message>
    <message>
      <source>music alone</source>
      <translation>nur die Musik</translation>
    </message>
    <message>
      <source>Which markers</source>
      <translation>Welche Marker</translation>
    </message>
    <message>
      <source>every beat</source>
      <translation>jeder Schlag</translation>
    </message>
    <message>
      <source>every second beat</source>
      <translation>jeder zweite Schlag</translation>
    </message>
    <message>
      <source>bars only</source>
      <translation>nur Takte</translation>
    </message>
    <message>
      <source>Your editor makes it.</source>
      <translation>Den macht dein Schnittprogramm.</translation>
    </message>
  </context>
  <context>
    <name>ExportPanel</name>
    <message>
      <source>Range</source>
      <translation>Bereich</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>Exportieren</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Anhalten</translation>
    </message>
    <message>
      <source>Show in folder</source>
      <translation>Im Ordner zeigen</translation>
    </message>
    <message>
      <source>Change…</source>
      <translation>Ändern …</translation>
    </message>
    <message>
      <source>Change folder and name</source>
      <translation>Ordner und Namen ändern</translation>
    </message>
    <message>
      <source>To</source>
      <translation>Nach</translation>
    </message>
    <message>
      <source>Export to</source>
      <translation>Exportieren nach</translation>
    </message>
    <message>
      <source>Exporting %s</source>
      <translation>%s wird exportiert</translation>
    </message>
    <message>
      <source>1 cue</source>
      <translation>1 Musikeinsatz</translation>
    </message>
    <message>
      <source>%s cues</source>
      <translation>%s Musikeinsätze</translation>
    </message>
    <message>
      <source>No music to export yet</source>
      <translation>Noch keine Musik zum Exportieren</translation>
    </message>
    <message>
      <source>Hear a suggestion with 1 to 9, and use it with Enter.</source>
      <translation>Höre einen Vorschlag mit 1 bis 9, nimm ihn mit der Eingabetaste.</translation>
    </message>
    <message>
      <source>Go to the suggestions</source>
      <translation>Zu den Vorschlägen</translation>
    </message>
    <message>
      <source>Whole film</source>
      <translation>Ganzer Film</translation>
    </message>
    <message>
      <source>From in to out</source>
      <translation>Von In bis Out</translation>
    </message>
    <message>
      <source>Export %s files</source>
      <translation>%s Dateien exportieren</translation>
    </message>
    <message>
      <source>Stopped. What was finished is kept.</source>
      <translation>Angehalten. Was fertig war, bleibt.</translation>
    </message>
    <message>
      <source>Written: %s</source>
      <translation>Geschrieben: %s</translation>
    </message>
  </context>
  <context>
    <name>FileOpening</name>
    <message>
      <source>Open a video or a project</source>
      <translation>Film oder Projekt öffnen</translation>
    </message>
    <message>
      <source>Replace {name} by</source>
      <translation>{name} ersetzen durch</translation>
    </message>
    <message>
      <source>Where are the media of the project?</source>
      <translation>Wo liegen die Medien des Projekts?</translation>
    </message>
    <message>
      <source>Add a folder of music</source>
      <translation>Musikordner hinzufügen</translation>
    </message>
    <message>
      <source>Videos and projects (*)</source>
      <translation>Filme und Projekte (*)</translation>
    </message>
    <message>
      <source>Projects of editors</source>
      <translation>Projekte von Schnittprogrammen</translation>
    </message>
    <message>
      <source>{file}, which the project shows or plays, is not there.</source>
      <translation>{file}, das im Projekt vorkommt, ist nicht da.</translation>
    </message>
    <message>
      <source>{count} files of the project are not there, {file} among them.</source>
      <translation>{count} Dateien des Projekts sind nicht da, darunter {file}.</translation>
    </message>
    <message>
      <source>Find them…</source>
      <translation>Suchen …</translation>
    </message>
  </context>
  <context>
    <name>FilterBar</name>
    <message>
      <source>+ filter</source>
      <translation>+ Filter</translation>
    </message>
    <message>
      <source>Add a filter</source>
      <translation>Filter hinzufügen</translation>
    </message>
    <message>
      <source>in %s</source>
      <translation>in %s</translation>
    </message>
    <message>
      <source>not used before</source>
      <translation>noch nicht verwendet</translation>
    </message>
    <message>
      <source>like %s</source>
      <translation>wie %s</translation>
    </message>
    <message>
      <source>like the temp music</source>
      <translation>wie die Platzhaltermusik</translation>
    </message>
    <message>
      <source>found: %s</source>
      <translation>gefunden: %s</translation>
    </message>
    <message>
      <source>Tempo…</source>
      <translation>Tempo …</translation>
    </message>
    <message>
      <source>Length…</source>
      <translation>Länge …</translation>
    </message>
    <message>
      <source>Key</source>
      <translation>Tonart</translation>
    </message>
    <message>
      <source>Licence</source>
      <translation>Lizenz</translation>
    </message>
    <message>
      <source>Genre</source>
      <translation>Genre</translation>
    </message>
    <message>
      <source>Collection</source>
      <translation>Sammlung</translation>
    </message>
    <message>
      <source>Folder</source>
      <translation>Ordner</translation>
    </message>
    <message>
      <source>Not used before</source>
      <translation>Noch nicht verwendet</translation>
    </message>
    <message>
      <source>Like a file…</source>
      <translation>Wie eine Datei …</translation>
    </message>
    <message>
      <source>Like the temp music in the video</source>
      <translation>Wie die Platzhaltermusik im Film</translation>
    </message>
    <message>
      <source>Use words found in the file</source>
      <translation>Wörter aus der Datei nutzen</translation>
    </message>
    <message>
      <source>Artists left out</source>
      <translation>Ausgelassene Künstler</translation>
    </message>
    <message>
      <source>Let in %s</source>
      <translation>%s wieder zulassen</translation>
    </message>
    <message>
      <source>Choose…</source>
      <translation>Wählen …</translation>
    </message>
    <message>
      <source>BPM</source>
      <translation>BPM</translation>
    </message>
    <message>
      <source>s</source>
      <translation>s</translation>
    </message>
    <message>
      <source>Only music in this folder</source>
      <translation>Nur Musik aus diesem Ordner</translation>
    </message>
    <message>
      <source>Music that sounds like this file</source>
      <translation>Musik, die klingt wie diese Datei</translation>
    </message>
  </context>
  <context>
    <name>FirstRun</name>
    <message>
      <source>Later</source>
      <translation>Später</translation>
    </message>
    <message>
      <source>Back</source>
      <translation>Zurück</translation>
    </message>
    <message>
      <source>Next</source>
      <translation>Weiter</translation>
    </message>
    <message>
      <source>Where is your music?</source>
      <translation>Wo liegt deine Musik?</translation>
    </message>
    <message>
      <source>How fast is this computer?</source>
      <translation>Wie schnell ist dieser Rechner?</translation>
    </message>
    <message>
      <source>A first suggestion</source>
      <translation>Ein erster Vorschlag</translation>
    </message>
    <message>
      <source>Step %1 of 3</source>
      <translation>Schritt %1 von 3</translation>
    </message>
    <message>
      <source>Open the film with it</source>
      <translation>Den Film damit öffnen</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>Schließen</translation>
    </message>
  </context>
  <context>
    <name>FoldersPage</name>
    <message>
      <source>Needledrop reads your files where they lie. It never changes, moves or sends them anywhere.</source>
      <translation>Needledrop liest deine Dateien dort, wo sie liegen. Es ändert, verschiebt und verschickt sie nie.</translation>
    </message>
    <message>
      <source>Choose a folder…</source>
      <translation>Ordner wählen …</translation>
    </message>
    <message>
      <source>Leave out %s</source>
      <translation>%s auslassen</translation>
    </message>
    <message>
      <source>Choose a folder with music</source>
      <translation>Ordner mit Musik wählen</translation>
    </message>
  </context>
  <context>
    <name>JobsPanel</name>
    <message>
      <source>Jobs</source>
      <translation>Vorgänge</translation>
    </message>
    <message>
      <source>Clear finished</source>
      <translation>Fertige entfernen</translation>
    </message>
    <message>
      <source>Nothing runs. Scans, analyses and exports appear here.</source>
      <translation>Nichts läuft. Suchläufe, Analysen und Exporte erscheinen hier.</translation>
    </message>
  </context>
  <context>
    <name>LevelMeter</name>
    <message>
      <source>Loudness of what is heard</source>
      <translation>Lautheit dessen, was zu hören ist</translation>
    </message>
    <message>
      <source>Bar: momentary loudness. Mark and figure: short-term loudness. Right: true peak. (EBU R 128)</source>
      <translation>Balken: momentane Lautheit. Marke und Zahl: Kurzzeitlautheit. Rechts: wahrer Spitzenwert. (EBU R 128)</translation>
    </message>
    <message>
      <source>%1 LUFS</source>
      <translation>%1 LUFS</translation>
    </message>
    <message>
      <source>%1 dBTP</source>
      <translation>%1 dBTP</translation>
    </message>
  </context>
  <context>
    <name>LibraryBar</name>
    <message>
      <source>All tracks</source>
      <translation>Alle Stücke</translation>
    </message>
    <message>
      <source>Favourites</source>
      <translation>Favoriten</translation>
    </message>
    <message>
      <source>Edited by you</source>
      <translation>Von dir bearbeitet</translation>
    </message>
    <message>
      <source>Not analysed</source>
      <translation>Nicht analysiert</translation>
    </message>
    <message>
      <source>Missing</source>
      <translation>Fehlend</translation>
    </message>
    <message>
      <source>With problems</source>
      <translation>Mit Problemen</translation>
    </message>
    <message>
      <source>Search title, artist, album, genre, folder</source>
      <translation>Titel, Künstler, Album, Genre, Ordner suchen</translation>
    </message>
    <message>
      <source>Search the library</source>
      <translation>Bibliothek durchsuchen</translation>
    </message>
    <message>
      <source>Which tracks</source>
      <translation>Welche Stücke</translation>
    </message>
    <message>
      <source>Rename or take away the collection</source>
      <translation>Sammlung umbenennen oder auflösen</translation>
    </message>
    <message>
      <source>Choose columns</source>
      <translation>Spalten wählen</translation>
    </message>
    <message>
      <source>Music folders</source>
      <translation>Musikordner</translation>
    </message>
    <message>
      <source>%1 tracks</source>
      <translation>%1 Stücke</translation>
    </message>
    <message>
      <source>%1 of %2</source>
      <translation>%1 von %2</translation>
    </message>
    <message>
      <source>%1 problems</source>
      <translation>%1 Probleme</translation>
    </message>
    <message>
      <source>1 problem</source>
      <translation>1 Problem</translation>
    </message>
  </context>
  <context>
    <name>LibraryEmpty</name>
    <message>
      <source>No track fits</source>
      <translation>Kein Stück passt</translation>
    </message>
    <message>
      <source>Every word has to occur in a track.</source>
      <translation>Jedes Wort muss in einem Stück vorkommen.</translation>
    </message>
    <message>
      <source>Show all</source>
      <translation>Alle zeigen</translation>
    </message>
    <message>
      <source>Looking for music</source>
      <translation>Musik wird gesucht</translation>
    </message>
    <message>
      <source>Tracks appear here as they are found.</source>
      <translation>Stücke erscheinen hier, sobald sie gefunden sind.</translation>
    </message>
    <message>
      <source>Add a folder, or drop one anywhere in this window. Your files are never changed.</source>
      <translation>Füge einen Ordner hinzu oder lass ihn irgendwo in diesem Fenster fallen. Deine Dateien werden nie verändert.</translation>
    </message>
    <message>
      <source>No music yet</source>
      <translation>Noch keine Musik</translation>
    </message>
    <message>
      <source>Add music folder…</source>
      <translation>Musikordner hinzufügen …</translation>
    </message>
  </context>
  <context>
    <name>LibraryJobs</name>
    <message>
      <source>Scanning %s</source>
      <translation>%s wird durchsucht</translation>
    </message>
    <message>
      <source>the music folders</source>
      <translation>Musikordner</translation>
    </message>
  </context>
  <context>
    <name>LibraryPanel</name>
    <message>
      <source>Search the library</source>
      <translation>Bibliothek durchsuchen</translation>
    </message>
    <message>
      <source>Show problems</source>
      <translation>Probleme zeigen</translation>
    </message>
    <message>
      <source>Try broken files again</source>
      <translation>Defekte Dateien noch einmal versuchen</translation>
    </message>
    <message>
      <source>Find missing files…</source>
      <translation>Fehlende Dateien suchen …</translation>
    </message>
    <message>
      <source>Another program writes to the library; your changes are written after it.</source>
      <translation>Ein anderes Programm schreibt in die Bibliothek; deine Änderungen folgen danach.</translation>
    </message>
    <message>
      <source>Remove from library</source>
      <translation>Aus der Bibliothek nehmen</translation>
    </message>
    <message>
      <source>Where are the files now?</source>
      <translation>Wo sind die Dateien jetzt?</translation>
    </message>
    <message>
      <source>%1 new</source>
      <translation>%1 neu</translation>
    </message>
    <message>
      <source>%1 found again</source>
      <translation>%1 wiedergefunden</translation>
    </message>
    <message>
      <source>%1 missing</source>
      <translation>%1 fehlen</translation>
    </message>
    <message>
      <source>%1 could not be used</source>
      <translation>%1 nicht verwendbar</translation>
    </message>
    <message>
      <source>not plugged in: %1</source>
      <translation>nicht angeschlossen: %1</translation>
    </message>
    <message>
      <source>Scanned: %1</source>
      <translation>Durchsucht: %1</translation>
    </message>
    <message>
      <source>nothing has changed</source>
      <translation>nichts hat sich geändert</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Anhalten</translation>
    </message>
    <message>
      <source>Play</source>
      <translation>Abspielen</translation>
    </message>
    <message>
      <source>Show in its folder</source>
      <translation>In seinem Ordner zeigen</translation>
    </message>
    <message>
      <source>Find the file…</source>
      <translation>Datei suchen …</translation>
    </message>
    <message>
      <source>Rename…</source>
      <translation>Umbenennen …</translation>
    </message>
    <message>
      <source>Take the collection away (tracks stay)</source>
      <translation>Sammlung auflösen (Stücke bleiben)</translation>
    </message>
    <message>
      <source>Take away %s</source>
      <translation>„%s“ auflösen</translation>
    </message>
  </context>
  <context>
    <name>MainWindow</name>
    <message>
      <source>Suggest</source>
      <translation>Vorschlagen</translation>
    </message>
    <message>
      <source>Needledrop ended before it could put everything away. Your work is all here.</source>
      <translation>Needledrop endete, bevor alles aufgeräumt war. Deine Arbeit ist vollständig da.</translation>
    </message>
  </context>
  <context>
    <name>MarkerName</name>
    <message>
      <source>Name of the marker</source>
      <translation>Name des Markers</translation>
    </message>
  </context>
  <context>
    <name>MusicFolders</name>
    <message>
      <source>Take out of the library (files stay)</source>
      <translation>Aus der Bibliothek nehmen (Dateien bleiben)</translation>
    </message>
  </context>
  <context>
    <name>Notice</name>
    <message>
      <source>Copy the details</source>
      <translation>Einzelheiten kopieren</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>Schließen</translation>
    </message>
  </context>
  <context>
    <name>PairRow</name>
    <message>
      <source>Hear %s</source>
      <translation>%s hören</translation>
    </message>
    <message>
      <source>Count again</source>
      <translation>Wieder zählen</translation>
    </message>
    <message>
      <source>Strike</source>
      <translation>Streichen</translation>
    </message>
    <message>
      <source>from %s of the track</source>
      <translation>ab %s des Stücks</translation>
    </message>
    <message>
      <source>struck</source>
      <translation>gestrichen</translation>
    </message>
    <message>
      <source>not in the library any more</source>
      <translation>nicht mehr in der Bibliothek</translation>
    </message>
  </context>
  <context>
    <name>PersonalCurve</name>
    <message>
      <source>Preparing…</source>
      <translation>Wird vorbereitet …</translation>
    </message>
    <message>
      <source>held-out rank %1, base %2</source>
      <translation>Rang im Test %1, Grundstand %2</translation>
    </message>
    <message>
      <source>loss %s</source>
      <translation>Verlust %s</translation>
    </message>
  </context>
  <context>
    <name>PersonalLabels</name>
    <message>
      <source>Delete</source>
      <translation>Löschen</translation>
    </message>
    <message>
      <source>Delete all…</source>
      <translation>Alle löschen …</translation>
    </message>
    <message>
      <source>Delete every choice for good? Learned versions stay.</source>
      <translation>Alle Entscheidungen endgültig löschen? Gelernte Fassungen bleiben.</translation>
    </message>
    <message>
      <source>Delete all</source>
      <translation>Alle löschen</translation>
    </message>
    <message>
      <source>Keep them</source>
      <translation>Behalten</translation>
    </message>
    <message>
      <source>Deleting is for good. What was learned stays until you learn again.</source>
      <translation>Löschen ist endgültig. Gelerntes bleibt, bis du neu lernst.</translation>
    </message>
  </context>
  <context>
    <name>PersonalLists</name>
    <message>
      <source>Video</source>
      <translation>Film</translation>
    </message>
    <message>
      <source>Base</source>
      <translation>Grundstand</translation>
    </message>
    <message>
      <source>With your taste</source>
      <translation>Mit deinem Geschmack</translation>
    </message>
    <message>
      <source>Nothing to compare yet: none of the videos you chose music for has been watched here.</source>
      <translation>Noch nichts zu vergleichen: Keiner der Filme, für die du Musik gewählt hast, wurde hier angesehen.</translation>
    </message>
    <message>
      <source>Comparing lists…</source>
      <translation>Listen werden verglichen …</translation>
    </message>
    <message>
      <source>With your taste as it counts now, the lists hardly differ.</source>
      <translation>So, wie dein Geschmack jetzt zählt, unterscheiden sich die Listen kaum.</translation>
    </message>
    <message>
      <source>Over all your videos: </source>
      <translation>Über alle deine Filme: </translation>
    </message>
  </context>
  <context>
    <name>PersonalPairs</name>
    <message>
      <source>Look through a folder…</source>
      <translation>Ordner durchsehen …</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Anhalten</translation>
    </message>
    <message>
      <source>Looking through past edits. You can go on working; it can be stopped and gone on with.</source>
      <translation>Frühere Schnitte werden durchgesehen. Du kannst weiterarbeiten; es lässt sich anhalten und fortsetzen.</translation>
    </message>
    <message>
      <source>Needledrop can learn from what you finished before: it finds which track of your library plays where in finished videos, and reads OTIO, FCPXML, Final Cut, Kdenlive and Shotcut projects.</source>
      <translation>Needledrop kann aus dem lernen, was du früher fertiggestellt hast: Es findet, welches Stück deiner Bibliothek wo in fertigen Filmen spielt, und liest Projekte von OTIO, FCPXML, Final Cut, Kdenlive und Shotcut.</translation>
    </message>
    <message>
      <source>Strike what is wrong: it is not learned from.</source>
      <translation>Streiche, was falsch ist: Daraus wird nicht gelernt.</translation>
    </message>
    <message>
      <source>The first %1 of %2 are shown.</source>
      <translation>Die ersten %1 von %2 sind zu sehen.</translation>
    </message>
  </context>
  <context>
    <name>PersonalPanel</name>
    <message>
      <source>Before and after</source>
      <translation>Vorher und nachher</translation>
    </message>
    <message>
      <source>Your choices</source>
      <translation>Deine Entscheidungen</translation>
    </message>
    <message>
      <source>Past edits</source>
      <translation>Frühere Schnitte</translation>
    </message>
    <message>
      <source>Versions</source>
      <translation>Fassungen</translation>
    </message>
    <message>
      <source>Learn your taste</source>
      <translation>Deinen Geschmack lernen</translation>
    </message>
    <message>
      <source>Back to the base, without your taste</source>
      <translation>Zurück zum Grundstand, ohne deinen Geschmack</translation>
    </message>
    <message>
      <source>Export your taste…</source>
      <translation>Geschmack exportieren …</translation>
    </message>
    <message>
      <source>Import a taste…</source>
      <translation>Geschmack importieren …</translation>
    </message>
    <message>
      <source>Look through past edits…</source>
      <translation>Frühere Schnitte durchsehen …</translation>
    </message>
    <message>
      <source>Export your taste</source>
      <translation>Geschmack exportieren</translation>
    </message>
    <message>
      <source>Import a taste</source>
      <translation>Geschmack importieren</translation>
    </message>
    <message>
      <source>Your choices %s</source>
      <translation>Deine Entscheidungen %s</translation>
    </message>
    <message>
      <source>Past edits %s</source>
      <translation>Frühere Schnitte %s</translation>
    </message>
    <message>
      <source>Versions %s</source>
      <translation>Fassungen %s</translation>
    </message>
    <message>
      <source>Nothing learned yet</source>
      <translation>Noch nichts gelernt</translation>
    </message>
    <message>
      <source>Every track you use, turn down or listen to for long says something of your taste, and so does every film you finished before. Nothing leaves this machine.</source>
      <translation>Jedes Stück, das du nimmst, ablehnst oder lange hörst, sagt etwas über deinen Geschmack, ebenso jeder Film, den du früher fertiggestellt hast. Nichts verlässt diesen Rechner.</translation>
    </message>
  </context>
  <context>
    <name>PersonalTaste</name>
    <message>
      <source>How much of your taste counts, in percent</source>
      <translation>Wie viel dein Geschmack zählt, in Prozent</translation>
    </message>
    <message>
      <source>Back to the base</source>
      <translation>Zurück zum Grundstand</translation>
    </message>
    <message>
      <source>Let my taste count</source>
      <translation>Meinen Geschmack zählen lassen</translation>
    </message>
    <message>
      <source>Learn now</source>
      <translation>Jetzt lernen</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Anhalten</translation>
    </message>
    <message>
      <source>What you use</source>
      <translation>Was du nimmst</translation>
    </message>
    <message>
      <source>Learning</source>
      <translation>Lernen</translation>
    </message>
    <message>
      <source>Export…</source>
      <translation>Exportieren …</translation>
    </message>
    <message>
      <source>Import…</source>
      <translation>Importieren …</translation>
    </message>
    <message>
      <source>Export your taste</source>
      <translation>Geschmack exportieren</translation>
    </message>
    <message>
      <source>Import a taste</source>
      <translation>Geschmack importieren</translation>
    </message>
    <message>
      <source>Base</source>
      <translation>Grundstand</translation>
    </message>
    <message>
      <source>Yours</source>
      <translation>Deiner</translation>
    </message>
    <message>
      <source>never</source>
      <translation>nie</translation>
    </message>
    <message>
      <source>New choices after which it learns by itself; 0 is never</source>
      <translation>Neue Entscheidungen, nach denen von selbst gelernt wird; 0 heißt nie</translation>
    </message>
    <message>
      <source>By itself after</source>
      <translation>Von selbst nach</translation>
    </message>
    <message>
      <source>new choices</source>
      <translation>neuen Entscheidungen</translation>
    </message>
    <message>
      <source>Go on learning</source>
      <translation>Weiterlernen</translation>
    </message>
    <message>
      <source>Waits while you play.</source>
      <translation>Wartet, solange du abspielst.</translation>
    </message>
    <message>
      <source>Each project is held out in turn, to see what would have been better.</source>
      <translation>Jedes Projekt wird einmal ausgelassen, um zu sehen, was besser gewesen wäre.</translation>
    </message>
  </context>
  <context>
    <name>PersonalVersions</name>
    <message>
      <source>Your choices as they come, without a learned version.</source>
      <translation>Deine Entscheidungen, wie sie kommen, ohne gelernte Fassung.</translation>
    </message>
    <message>
      <source>The list without any taste, exactly.</source>
      <translation>Genau die Liste ohne jeden Geschmack.</translation>
    </message>
  </context>
  <context>
    <name>Places</name>
    <message>
      <source>Library</source>
      <translation>Bibliothek</translation>
    </message>
    <message>
      <source>Personal</source>
      <translation>Persönlich</translation>
    </message>
    <message>
      <source>Jobs</source>
      <translation>Vorgänge</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>Einstellungen</translation>
    </message>
    <message>
      <source>Changes of the cut</source>
      <translation>Änderungen des Schnitts</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>Export</translation>
    </message>
  </context>
  <context>
    <name>Playback</name>
    <message>
      <source>Play or pause</source>
      <translation>Abspielen oder anhalten</translation>
    </message>
    <message>
      <source>Play backwards, faster</source>
      <translation>Rückwärts, schneller</translation>
    </message>
    <message>
      <source>Pause</source>
      <translation>Anhalten</translation>
    </message>
    <message>
      <source>Play, faster</source>
      <translation>Abspielen, schneller</translation>
    </message>
    <message>
      <source>A picture back</source>
      <translation>Ein Bild zurück</translation>
    </message>
    <message>
      <source>A picture on</source>
      <translation>Ein Bild weiter</translation>
    </message>
    <message>
      <source>A second back</source>
      <translation>Eine Sekunde zurück</translation>
    </message>
    <message>
      <source>A second on</source>
      <translation>Eine Sekunde weiter</translation>
    </message>
    <message>
      <source>Previous cut</source>
      <translation>Voriger Schnitt</translation>
    </message>
    <message>
      <source>Next cut</source>
      <translation>Nächster Schnitt</translation>
    </message>
    <message>
      <source>Start</source>
      <translation>Anfang</translation>
    </message>
    <message>
      <source>End</source>
      <translation>Ende</translation>
    </message>
    <message>
      <source>Repeat the range</source>
      <translation>Bereich wiederholen</translation>
    </message>
    <message>
      <source>Sound: streams, volume, output</source>
      <translation>Ton: Spuren, Lautstärke, Ausgabe</translation>
    </message>
    <message>
      <source>Picture full screen</source>
      <translation>Bild im Vollbild</translation>
    </message>
  </context>
  <context>
    <name>ProblemList</name>
    <message>
      <source>Problems</source>
      <translation>Probleme</translation>
    </message>
    <message>
      <source>Try all again</source>
      <translation>Alle noch einmal versuchen</translation>
    </message>
    <message>
      <source>Back to the tracks</source>
      <translation>Zurück zu den Stücken</translation>
    </message>
    <message>
      <source>Every file of the music folders could be used.</source>
      <translation>Alle Dateien der Musikordner sind verwendbar.</translation>
    </message>
    <message>
      <source>The first %1 of %2 files; the others are in `needledrop library problems`.</source>
      <translation>Die ersten %1 von %2 Dateien; die anderen zeigt `needledrop library problems`.</translation>
    </message>
    <message>
      <source>These files are left alone until they change. Everything else in their folders is in use.</source>
      <translation>Diese Dateien bleiben unberührt, bis sie sich ändern. Alles andere in ihren Ordnern wird verwendet.</translation>
    </message>
  </context>
  <context>
    <name>Progress</name>
    <message>
      <source>/min</source>
      <translation>/min</translation>
    </message>
    <message>
      <source>%s left</source>
      <translation>noch %s</translation>
    </message>
    <message>
      <source>done in %s</source>
      <translation>fertig nach %s</translation>
    </message>
    <message>
      <source>failed after %s</source>
      <translation>gescheitert nach %s</translation>
    </message>
    <message>
      <source>stopped after %s; what was finished is kept</source>
      <translation>angehalten nach %s; was fertig war, bleibt</translation>
    </message>
    <message>
      <source>less than 1 s</source>
      <translation>weniger als 1 s</translation>
    </message>
  </context>
  <context>
    <name>RangePopup</name>
    <message>
      <source>From</source>
      <translation>Von</translation>
    </message>
    <message>
      <source>To</source>
      <translation>Bis</translation>
    </message>
    <message>
      <source>Set</source>
      <translation>Setzen</translation>
    </message>
    <message>
      <source>to</source>
      <translation>bis</translation>
    </message>
  </context>
  <context>
    <name>Said</name>
    <message>
      <source>%1 of %2 fall on beats</source>
      <translation>%1 von %2 fallen auf Schläge</translation>
    </message>
    <message>
      <source>%1 cut</source>
      <translation>%1 Schnitt</translation>
    </message>
    <message>
      <source>%1 cuts</source>
      <translation>%1 Schnitten</translation>
    </message>
    <message>
      <source>%1 on a downbeat</source>
      <translation>%1 auf eine Eins</translation>
    </message>
    <message>
      <source>%1 ms apart in the median, %2 ms after the cut on average</source>
      <translation>im Median %1 ms entfernt, im Mittel %2 ms nach dem Schnitt</translation>
    </message>
    <message>
      <source>%1 ms apart in the median, %2 ms before the cut on average</source>
      <translation>im Median %1 ms entfernt, im Mittel %2 ms vor dem Schnitt</translation>
    </message>
    <message>
      <source>%1 ms apart in the median</source>
      <translation>im Median %1 ms entfernt</translation>
    </message>
    <message>
      <source>the same shots in %1 other orders reach %2 on average</source>
      <translation>dieselben Einstellungen in %1 anderen Reihenfolgen erreichen im Mittel %2</translation>
    </message>
    <message>
      <source>this order fits better than %1 of them</source>
      <translation>diese Reihenfolge passt besser als %1 davon</translation>
    </message>
    <message>
      <source>no steady beat: %1</source>
      <translation>kein fester Takt: %1</translation>
    </message>
    <message>
      <source>no cuts in the range: %1</source>
      <translation>keine Schnitte im Bereich: %1</translation>
    </message>
    <message>
      <source>beats fall on accents of the movement</source>
      <translation>Schläge fallen auf Akzente der Bewegung</translation>
    </message>
    <message>
      <source>placed by energy alone</source>
      <translation>nur nach der Energie gesetzt</translation>
    </message>
    <message>
      <source>placed by where the music sounds and ends, for the picture hardly moves</source>
      <translation>danach gesetzt, wo die Musik klingt und endet, denn das Bild bewegt sich kaum</translation>
    </message>
    <message>
      <source>tempo %1 fits %2</source>
      <translation>Tempo %1 passt: %2</translation>
    </message>
    <message>
      <source>%1 cuts per bar</source>
      <translation>%1 Schnitte je Takt</translation>
    </message>
    <message>
      <source>one cut every %1 bars</source>
      <translation>ein Schnitt alle %1 Takte</translation>
    </message>
    <message>
      <source>one cut every %1 beats</source>
      <translation>ein Schnitt alle %1 Schläge</translation>
    </message>
    <message>
      <source>energy rises at %1 as the motion does</source>
      <translation>Energie steigt bei %1 wie die Bewegung</translation>
    </message>
    <message>
      <source>its loudness and attacks change where the picture does, as learned from other pairs</source>
      <translation>Lautheit und Anschläge wechseln, wo das Bild es tut, wie aus anderen Paaren gelernt</translation>
    </message>
    <message>
      <source>correlation %1 above what so many starts reach by chance</source>
      <translation>Korrelation %1 über dem, was so viele Anfänge durch Zufall erreichen</translation>
    </message>
    <message>
      <source>its energy follows the movement of the picture</source>
      <translation>die Energie folgt der Bewegung des Bildes</translation>
    </message>
    <message>
      <source>correlation %1</source>
      <translation>Korrelation %1</translation>
    </message>
    <message>
      <source>%1 picture, %2 music</source>
      <translation>Bild: %1, Musik: %2</translation>
    </message>
    <message>
      <source>calm</source>
      <translation>ruhig</translation>
    </message>
    <message>
      <source>lively</source>
      <translation>lebhaft</translation>
    </message>
    <message>
      <source>driving</source>
      <translation>treibend</translation>
    </message>
    <message>
      <source>%1 cuts a minute</source>
      <translation>%1 Schnitte in der Minute</translation>
    </message>
    <message>
      <source>%1 notes a second</source>
      <translation>%1 Töne in der Sekunde</translation>
    </message>
    <message>
      <source>%1 picture; %2 key</source>
      <translation>Bild: %1; Tonart: %2</translation>
    </message>
    <message>
      <source>warm</source>
      <translation>warm</translation>
    </message>
    <message>
      <source>cool</source>
      <translation>kühl</translation>
    </message>
    <message>
      <source>bright</source>
      <translation>hell</translation>
    </message>
    <message>
      <source>dark</source>
      <translation>dunkel</translation>
    </message>
    <message>
      <source>grey</source>
      <translation>grau</translation>
    </message>
    <message>
      <source>major</source>
      <translation>Dur</translation>
    </message>
    <message>
      <source>minor</source>
      <translation>Moll</translation>
    </message>
    <message>
      <source>matches '%1' in %2, a word found about the video</source>
      <translation>passt zu „%1“ in %2, einem Wort, das zum Film gefunden wurde</translation>
    </message>
    <message>
      <source>matches '%1' in %2</source>
      <translation>passt zu „%1“ in %2</translation>
    </message>
    <message>
      <source>title</source>
      <translation>Titel</translation>
    </message>
    <message>
      <source>artist</source>
      <translation>Künstler</translation>
    </message>
    <message>
      <source>album</source>
      <translation>Album</translation>
    </message>
    <message>
      <source>genre and mood</source>
      <translation>Genre und Stimmung</translation>
    </message>
    <message>
      <source>its words are near in meaning to %1</source>
      <translation>seine Wörter liegen in der Bedeutung nahe bei %1</translation>
    </message>
    <message>
      <source>the words found about it</source>
      <translation>den dazu gefundenen Wörtern</translation>
    </message>
    <message>
      <source>a model that heard it names: %1</source>
      <translation>ein Modell, das es hörte, nennt: %1</translation>
    </message>
    <message>
      <source>similarity %1 of 1</source>
      <translation>Ähnlichkeit %1 von 1</translation>
    </message>
    <message>
      <source>sounds like %1</source>
      <translation>klingt wie %1</translation>
    </message>
    <message>
      <source>the reference</source>
      <translation>die Vorlage</translation>
    </message>
    <message>
      <source>the %1 references</source>
      <translation>die %1 Vorlagen</translation>
    </message>
    <message>
      <source>you used it under pictures like these: '%1' at %2</source>
      <translation>du nahmst es unter ähnlichen Bildern: „%1“ bei %2</translation>
    </message>
    <message>
      <source>starts at the beginning of the track</source>
      <translation>beginnt am Anfang des Stücks</translation>
    </message>
    <message>
      <source>starts at %1 of the track, %2</source>
      <translation>beginnt bei %1 des Stücks, %2</translation>
    </message>
    <message>
      <source>starts at %1 of the track</source>
      <translation>beginnt bei %1 des Stücks</translation>
    </message>
    <message>
      <source>on a downbeat</source>
      <translation>auf einer Eins</translation>
    </message>
    <message>
      <source>on a beat</source>
      <translation>auf einem Schlag</translation>
    </message>
    <message>
      <source>ends with the track's own ending at %1</source>
      <translation>endet bei %1 mit dem eigenen Schluss des Stücks</translation>
    </message>
    <message>
      <source>fades out from %1 %2</source>
      <translation>blendet ab %1 %2 aus</translation>
    </message>
    <message>
      <source>over about a bar</source>
      <translation>über etwa einen Takt</translation>
    </message>
    <message>
      <source>over %1 s</source>
      <translation>über %1 s</translation>
    </message>
    <message>
      <source>shorter than the range: %1 bars (%2 to %3) are repeated %4, joined on bar lines</source>
      <translation>kürzer als der Bereich: %1 Takte (%2 bis %3) werden %4 wiederholt, auf Taktstrichen verbunden</translation>
    </message>
    <message>
      <source>once</source>
      <translation>einmal</translation>
    </message>
    <message>
      <source>twice</source>
      <translation>zweimal</translation>
    </message>
    <message>
      <source>%1 times</source>
      <translation>%1-mal</translation>
    </message>
    <message>
      <source>ends %1 before the picture does; silence follows</source>
      <translation>endet %1 vor dem Bild; danach ist Stille</translation>
    </message>
    <message>
      <source>repeats itself %1: it may tire in a range this long</source>
      <translation>wiederholt sich %1: das kann in einem so langen Bereich ermüden</translation>
    </message>
    <message>
      <source>share-alike (%1): the finished video must carry the same licence</source>
      <translation>Weitergabe unter gleichen Bedingungen (%1): der fertige Film muss dieselbe Lizenz tragen</translation>
    </message>
    <message>
      <source>non-commercial use only (%1)</source>
      <translation>nur nicht-kommerzielle Nutzung (%1)</translation>
    </message>
    <message>
      <source>no derivatives (%1): music under picture needs the author's permission</source>
      <translation>keine Bearbeitungen (%1): Musik unter Bild braucht die Erlaubnis des Urhebers</translation>
    </message>
    <message>
      <source>Opening %1</source>
      <translation>%1 wird geöffnet</translation>
    </message>
    <message>
      <source>Watching the video</source>
      <translation>Film wird angesehen</translation>
    </message>
    <message>
      <source>Watching %1</source>
      <translation>%1 wird angesehen</translation>
    </message>
    <message>
      <source>Finding music</source>
      <translation>Musik wird gesucht</translation>
    </message>
    <message>
      <source>Thumbnails</source>
      <translation>Vorschaubilder</translation>
    </message>
    <message>
      <source>Preparing the gallery</source>
      <translation>Auswahl wird vorbereitet</translation>
    </message>
    <message>
      <source>Reading the words</source>
      <translation>Wörter werden gelesen</translation>
    </message>
    <message>
      <source>Reading tags</source>
      <translation>Tags werden gelesen</translation>
    </message>
    <message>
      <source>Analysing music</source>
      <translation>Musik wird analysiert</translation>
    </message>
    <message>
      <source>Making a proxy, seconds</source>
      <translation>Stellvertreter wird gemacht, Sekunden</translation>
    </message>
    <message>
      <source>Listening to the track, seconds</source>
      <translation>Stück wird gehört, Sekunden</translation>
    </message>
    <message>
      <source>Rendering the film, seconds</source>
      <translation>Film wird berechnet, Sekunden</translation>
    </message>
    <message>
      <source>Rendering the music, seconds</source>
      <translation>Musik wird berechnet, Sekunden</translation>
    </message>
    <message>
      <source>Rendering the preview, seconds</source>
      <translation>Vorschau wird berechnet, Sekunden</translation>
    </message>
    <message>
      <source>Writing the sound, seconds</source>
      <translation>Ton wird geschrieben, Sekunden</translation>
    </message>
    <message>
      <source>Writing the track, seconds</source>
      <translation>Stück wird geschrieben, Sekunden</translation>
    </message>
    <message>
      <source>Fetching %1</source>
      <translation>%1 wird geholt</translation>
    </message>
    <message>
      <source>Naming what is heard</source>
      <translation>Gehörtes wird benannt</translation>
    </message>
    <message>
      <source>Naming what is seen</source>
      <translation>Gesehenes wird benannt</translation>
    </message>
    <message>
      <source>Comparing lists</source>
      <translation>Listen werden verglichen</translation>
    </message>
    <message>
      <source>Landmarks</source>
      <translation>Merkpunkte</translation>
    </message>
    <message>
      <source>Finding the shots again</source>
      <translation>Einstellungen werden wiedergesucht</translation>
    </message>
    <message>
      <source>Laying the timeline together, seconds</source>
      <translation>Zeitleiste wird zusammengesetzt, Sekunden</translation>
    </message>
    <message>
      <source>Past edits</source>
      <translation>Frühere Schnitte</translation>
    </message>
    <message>
      <source>Remembering the shots</source>
      <translation>Einstellungen werden gemerkt</translation>
    </message>
    <message>
      <source>Learning</source>
      <translation>Lernen</translation>
    </message>
  </context>
  <context>
    <name>ScanLine</name>
    <message>
      <source>Stop scanning</source>
      <translation>Suche anhalten</translation>
    </message>
  </context>
  <context>
    <name>Settings</name>
    <message>
      <source>Music</source>
      <translation>Musik</translation>
    </message>
    <message>
      <source>Commercial project</source>
      <translation>Kommerzielles Projekt</translation>
    </message>
    <message>
      <source>Leave out music that may not be used commercially (NC licences).</source>
      <translation>Musik auslassen, die nicht kommerziell genutzt werden darf (NC-Lizenzen).</translation>
    </message>
    <message>
      <source>Loudness of the music</source>
      <translation>Lautheit der Musik</translation>
    </message>
    <message>
      <source>Loudness of the music under the picture, in LUFS.</source>
      <translation>Lautheit der Musik unter dem Bild, in LUFS.</translation>
    </message>
    <message>
      <source>LUFS</source>
      <translation>LUFS</translation>
    </message>
    <message>
      <source>Under speech</source>
      <translation>Unter Sprache</translation>
    </message>
    <message>
      <source>How far the music steps back under speech, in dB.</source>
      <translation>Wie weit die Musik unter Sprache zurücktritt, in dB.</translation>
    </message>
    <message>
      <source>dB</source>
      <translation>dB</translation>
    </message>
    <message>
      <source>Taste</source>
      <translation>Geschmack</translation>
    </message>
    <message>
      <source>Learn by itself after</source>
      <translation>Von selbst lernen nach</translation>
    </message>
    <message>
      <source>Learn your taste by itself after so many new choices; 0 learns only when you say so.</source>
      <translation>Deinen Geschmack nach so vielen neuen Entscheidungen von selbst lernen; bei 0 nur, wenn du es sagst.</translation>
    </message>
    <message>
      <source>choices</source>
      <translation>Entscheidungen</translation>
    </message>
    <message>
      <source>Analysis</source>
      <translation>Analyse</translation>
    </message>
    <message>
      <source>Worker processes</source>
      <translation>Arbeitsprozesse</translation>
    </message>
    <message>
      <source>Worker processes for analysis; 0 takes one per processor core.</source>
      <translation>Arbeitsprozesse für die Analyse; 0 nimmt einen je Prozessorkern.</translation>
    </message>
    <message>
      <source>Window</source>
      <translation>Fenster</translation>
    </message>
    <message>
      <source>Language</source>
      <translation>Sprache</translation>
    </message>
    <message>
      <source>Language of the window; another one is in force when the window is opened again.</source>
      <translation>Sprache des Fensters; eine andere gilt, wenn das Fenster wieder geöffnet wird.</translation>
    </message>
    <message>
      <source>System</source>
      <translation>System</translation>
    </message>
    <message>
      <source>Colours</source>
      <translation>Farben</translation>
    </message>
    <message>
      <source>Colours of the window: dark, light, or as the system has them.</source>
      <translation>Farben des Fensters: dunkel, hell oder wie im System.</translation>
    </message>
    <message>
      <source>Dark</source>
      <translation>Dunkel</translation>
    </message>
    <message>
      <source>Light</source>
      <translation>Hell</translation>
    </message>
    <message>
      <source>Reduced motion</source>
      <translation>Weniger Bewegung</translation>
    </message>
    <message>
      <source>Draw changes of state at once instead of over a tenth of a second.</source>
      <translation>Zustandswechsel sofort zeichnen statt über eine Zehntelsekunde.</translation>
    </message>
    <message>
      <source>Keyboard shortcuts like</source>
      <translation>Tastenkürzel wie in</translation>
    </message>
    <message>
      <source>Whose keys the window answers to; single keys are changed in the list of shortcuts.</source>
      <translation>Auf wessen Tasten das Fenster hört; einzelne Tasten werden in der Liste der Tastenkürzel geändert.</translation>
    </message>
  </context>
  <context>
    <name>SettingsPanel</name>
    <message>
      <source>No setting has these words.</source>
      <translation>Keine Einstellung enthält diese Wörter.</translation>
    </message>
    <message>
      <source>Search settings</source>
      <translation>Einstellungen durchsuchen</translation>
    </message>
    <message>
      <source>Edit shortcuts…</source>
      <translation>Tastenkürzel …</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>Einstellungen</translation>
    </message>
    <message>
      <source>Restore defaults</source>
      <translation>Vorgaben wiederherstellen</translation>
    </message>
  </context>
  <context>
    <name>ShortcutSheet</name>
    <message>
      <source>Search by name or key</source>
      <translation>Nach Name oder Taste suchen</translation>
    </message>
    <message>
      <source>Search shortcuts</source>
      <translation>Tastenkürzel durchsuchen</translation>
    </message>
    <message>
      <source>Click keys to change them. Esc puts the sheet away.</source>
      <translation>Klicke Tasten an, um sie zu ändern. Esc schließt das Blatt.</translation>
    </message>
    <message>
      <source>Keys like</source>
      <translation>Tasten wie</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>Schließen</translation>
    </message>
    <message>
      <source>Keyboard shortcuts</source>
      <translation>Tastenkürzel</translation>
    </message>
    <message>
      <source>Like</source>
      <translation>Wie</translation>
    </message>
    <message>
      <source>Restore all</source>
      <translation>Alle wiederherstellen</translation>
    </message>
    <message>
      <source>%1 now does “%2”, and no longer “%3”.</source>
      <translation>%1 bedeutet jetzt „%2“ und nicht mehr „%3“.</translation>
    </message>
    <message>
      <source>%1 now does “%2”.</source>
      <translation>%1 bedeutet jetzt „%2“.</translation>
    </message>
    <message>
      <source>“%s” has its own keys again.</source>
      <translation>„%s“ hat wieder die eigenen Tasten.</translation>
    </message>
    <message>
      <source>All keys are as %s has them.</source>
      <translation>Alle Tasten sind wie in %s.</translation>
    </message>
  </context>
  <context>
    <name>SoundPopup</name>
    <message>
      <source>Listening volume</source>
      <translation>Abhörlautstärke</translation>
    </message>
    <message>
      <source>Output</source>
      <translation>Ausgabe</translation>
    </message>
    <message>
      <source>Output device</source>
      <translation>Ausgabegerät</translation>
    </message>
    <message>
      <source>Sound of the video</source>
      <translation>Ton des Films</translation>
    </message>
    <message>
      <source>It has none.</source>
      <translation>Er hat keinen.</translation>
    </message>
    <message>
      <source>off</source>
      <translation>aus</translation>
    </message>
    <message>
      <source>Mute %s</source>
      <translation>%s stumm</translation>
    </message>
    <message>
      <source>Only %s</source>
      <translation>Nur %s</translation>
    </message>
    <message>
      <source>As the system has it</source>
      <translation>Wie im System</translation>
    </message>
  </context>
  <context>
    <name>SpeedPage</name>
    <message>
      <source>Looking at this computer…</source>
      <translation>Der Rechner wird angesehen …</translation>
    </message>
    <message>
      <source>Music and pictures are analysed on the processor. A graphics card is not needed.</source>
      <translation>Musik und Bilder werden auf dem Prozessor analysiert. Eine Grafikkarte ist nicht nötig.</translation>
    </message>
    <message>
      <source>Measuring with a piece of the demo…</source>
      <translation>Gemessen wird mit einem Stück der Demo …</translation>
    </message>
    <message>
      <source>How much of the processor a scan may use</source>
      <translation>Wie viel Prozessor eine Suche nutzen darf</translation>
    </message>
    <message>
      <source>A scan may use</source>
      <translation>Eine Suche darf nutzen</translation>
    </message>
    <message>
      <source>, %1 GB of memory</source>
      <translation>, %1 GB Speicher</translation>
    </message>
    <message>
      <source>%1 cores</source>
      <translation>%1 Kerne</translation>
    </message>
    <message>
      <source>all %1 cores</source>
      <translation>alle %1 Kerne</translation>
    </message>
    <message>
      <source>%1 of the cores</source>
      <translation>%1 der Kerne</translation>
    </message>
    <message>
      <source>Measured just now: about %1 tracks a minute. A thousand tracks take %2; you work on meanwhile.</source>
      <translation>Eben gemessen: etwa %1 Stücke in der Minute. Tausend Stücke brauchen %2; du arbeitest derweil weiter.</translation>
    </message>
  </context>
  <context>
    <name>StartPanel</name>
    <message>
      <source>Drop a video, or a project of your editor, anywhere in this window</source>
      <translation>Lass einen Film oder ein Schnittprojekt irgendwo in diesem Fenster fallen</translation>
    </message>
    <message>
      <source>Opened before</source>
      <translation>Zuletzt geöffnet</translation>
    </message>
    <message>
      <source>Open a video; add your folders of music once</source>
      <translation>Film öffnen; Musikordner einmal hinzufügen</translation>
    </message>
    <message>
      <source>Hear a suggestion under the picture</source>
      <translation>Einen Vorschlag unter dem Bild hören</translation>
    </message>
    <message>
      <source>Use it, and export the film with music on the beat</source>
      <translation>Ihn nehmen und den Film mit Musik im Takt exportieren</translation>
    </message>
    <message>
      <source>Open video…</source>
      <translation>Film öffnen …</translation>
    </message>
    <message>
      <source>Add music folder…</source>
      <translation>Musikordner hinzufügen …</translation>
    </message>
    <message>
      <source>1 … 9</source>
      <translation>1 … 9</translation>
    </message>
  </context>
  <context>
    <name>StatusLine</name>
    <message>
      <source>Stop</source>
      <translation>Anhalten</translation>
    </message>
    <message>
      <source>%1 · and %2 more</source>
      <translation>%1 · und %2 weitere</translation>
    </message>
    <message>
      <source>Stop: %s</source>
      <translation>Anhalten: %s</translation>
    </message>
    <message>
      <source>Stopping…</source>
      <translation>Wird angehalten …</translation>
    </message>
  </context>
  <context>
    <name>SuggestionOpinions</name>
    <message>
      <source>Favourite</source>
      <translation>Favorit</translation>
    </message>
    <message>
      <source>Rate</source>
      <translation>Bewerten</translation>
    </message>
    <message>
      <source>Leave out %s</source>
      <translation>%s auslassen</translation>
    </message>
    <message>
      <source>Let in %s</source>
      <translation>%s wieder zulassen</translation>
    </message>
  </context>
  <context>
    <name>SuggestionPage</name>
    <message>
      <source>Try again</source>
      <translation>Noch einmal versuchen</translation>
    </message>
    <message>
      <source>Other folders</source>
      <translation>Andere Ordner</translation>
    </message>
    <message>
      <source>Open a video of mine…</source>
      <translation>Eigenen Film öffnen …</translation>
    </message>
    <message>
      <source>Listening to a sample of your music…</source>
      <translation>Eine Auswahl deiner Musik wird gehört …</translation>
    </message>
    <message>
      <source>For the film that comes with Needledrop, out of %1 tracks. The others are analysed while you work.</source>
      <translation>Für den Film, der Needledrop beiliegt, aus %1 Stücken. Die anderen werden analysiert, während du arbeitest.</translation>
    </message>
  </context>
  <context>
    <name>SuggestionStates</name>
    <message>
      <source>Finding music…</source>
      <translation>Musik wird gesucht …</translation>
    </message>
    <message>
      <source>Watching %s…</source>
      <translation>%s wird angesehen …</translation>
    </message>
    <message>
      <source>Every track of the library is tried at every place of the picture.</source>
      <translation>Jedes Stück der Bibliothek wird an jeder Stelle des Bildes erprobt.</translation>
    </message>
    <message>
      <source>Cuts, motion and colours are measured once; the next time they are there.</source>
      <translation>Schnitte, Bewegung und Farben werden einmal gemessen; beim nächsten Mal sind sie da.</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Anhalten</translation>
    </message>
    <message>
      <source>Ask without the reference</source>
      <translation>Ohne Vorlage fragen</translation>
    </message>
    <message>
      <source>Try again</source>
      <translation>Noch einmal versuchen</translation>
    </message>
    <message>
      <source>Needledrop looks for the track, and the moment in it, that suits this picture.</source>
      <translation>Needledrop sucht das Stück und die Stelle darin, die zu diesem Bild passen.</translation>
    </message>
    <message>
      <source>No suggestions yet</source>
      <translation>Noch keine Vorschläge</translation>
    </message>
    <message>
      <source>Ask</source>
      <translation>Fragen</translation>
    </message>
    <message>
      <source>All of them rejected</source>
      <translation>Alle abgelehnt</translation>
    </message>
    <message>
      <source>Other tracks are there to be tried.</source>
      <translation>Andere Stücke lassen sich noch versuchen.</translation>
    </message>
    <message>
      <source>Show others</source>
      <translation>Andere zeigen</translation>
    </message>
    <message>
      <source>No music to choose from yet</source>
      <translation>Noch keine Musik zur Auswahl</translation>
    </message>
    <message>
      <source>Add a folder; every track in it is listened to once, and its files stay as they are.</source>
      <translation>Füge einen Ordner hinzu; jedes Stück darin wird einmal gehört, und die Dateien bleiben, wie sie sind.</translation>
    </message>
    <message>
      <source>Add music folder…</source>
      <translation>Musikordner hinzufügen …</translation>
    </message>
    <message>
      <source>No track passes the filters</source>
      <translation>Kein Stück passt durch die Filter</translation>
    </message>
    <message>
      <source>%s tracks are in the library.</source>
      <translation>%s Stücke sind in der Bibliothek.</translation>
    </message>
    <message>
      <source>Take the filters away</source>
      <translation>Filter wegnehmen</translation>
    </message>
  </context>
  <context>
    <name>SuggestionView</name>
    <message>
      <source>Suggestions</source>
      <translation>Vorschläge</translation>
    </message>
  </context>
  <context>
    <name>Suggestions</name>
    <message>
      <source>Hear the original sound while held</source>
      <translation>Originalton hören, solange gehalten</translation>
    </message>
    <message>
      <source>Hear suggestion %s</source>
      <translation>Vorschlag %s hören</translation>
    </message>
    <message>
      <source>Hear the suggestion</source>
      <translation>Vorschlag hören</translation>
    </message>
    <message>
      <source>Hear the timeline as it is</source>
      <translation>Zeitleiste hören, wie sie ist</translation>
    </message>
    <message>
      <source>Next suggestion</source>
      <translation>Nächster Vorschlag</translation>
    </message>
    <message>
      <source>Previous suggestion</source>
      <translation>Voriger Vorschlag</translation>
    </message>
    <message>
      <source>Use the suggestion</source>
      <translation>Vorschlag nehmen</translation>
    </message>
    <message>
      <source>Reject the suggestion</source>
      <translation>Vorschlag ablehnen</translation>
    </message>
    <message>
      <source>More like this</source>
      <translation>Mehr davon</translation>
    </message>
    <message>
      <source>Not this artist</source>
      <translation>Nicht diesen Künstler</translation>
    </message>
    <message>
      <source>What the match is made of</source>
      <translation>Woraus sich die Übereinstimmung ergibt</translation>
    </message>
    <message>
      <source>No stars</source>
      <translation>Keine Sterne</translation>
    </message>
    <message>
      <source>1 star</source>
      <translation>1 Stern</translation>
    </message>
    <message>
      <source>%s stars</source>
      <translation>%s Sterne</translation>
    </message>
    <message>
      <source>Favourite</source>
      <translation>Favorit</translation>
    </message>
    <message>
      <source>no licence</source>
      <translation>keine Lizenz</translation>
    </message>
    <message>
      <source> (at </source>
      <translation> (bei </translation>
    </message>
    <message>
      <source>Picture</source>
      <translation>Bild</translation>
    </message>
    <message>
      <source>Rhythm</source>
      <translation>Rhythmus</translation>
    </message>
    <message>
      <source>your words against its tags</source>
      <translation>deine Wörter gegen seine Tags</translation>
    </message>
    <message>
      <source>words found in the file against its tags</source>
      <translation>Wörter aus der Datei gegen seine Tags</translation>
    </message>
    <message>
      <source>no words were asked for</source>
      <translation>keine Wörter gefragt</translation>
    </message>
    <message>
      <source>Words</source>
      <translation>Wörter</translation>
    </message>
    <message>
      <source>Reference</source>
      <translation>Vorlage</translation>
    </message>
    <message>
      <source>how near it sounds to the reference</source>
      <translation>wie nah es der Vorlage klingt</translation>
    </message>
    <message>
      <source>Your taste</source>
      <translation>Geschmack</translation>
    </message>
    <message>
      <source>what you took before</source>
      <translation>was du bisher nahmst</translation>
    </message>
    <message>
      <source>not learnt yet</source>
      <translation>noch nicht gelernt</translation>
    </message>
    <message>
      <source>energy</source>
      <translation>Energie</translation>
    </message>
    <message>
      <source>pace</source>
      <translation>Tempo</translation>
    </message>
    <message>
      <source>mood</source>
      <translation>Stimmung</translation>
    </message>
    <message>
      <source>good:</source>
      <translation>gut:</translation>
    </message>
    <message>
      <source>fair:</source>
      <translation>mittel:</translation>
    </message>
    <message>
      <source>weak:</source>
      <translation>schwach:</translation>
    </message>
    <message>
      <source>no steady beat</source>
      <translation>kein fester Takt</translation>
    </message>
    <message>
      <source>no cuts in the range</source>
      <translation>keine Schnitte im Bereich</translation>
    </message>
    <message>
      <source>%1 of %2 cuts on beats</source>
      <translation>%1 von %2 Schnitten auf Schlägen</translation>
    </message>
    <message>
      <source>Go to %s</source>
      <translation>Zu %s springen</translation>
    </message>
    <message>
      <source>Beware: %s.</source>
      <translation>Achtung: %s.</translation>
    </message>
    <message>
      <source>Hear it under the picture (%s)</source>
      <translation>Unter dem Bild hören (%s)</translation>
    </message>
    <message>
      <source>Hide what the match is made of</source>
      <translation>Übereinstimmung zuklappen</translation>
    </message>
    <message>
      <source>Show what the match is made of</source>
      <translation>Übereinstimmung aufklappen</translation>
    </message>
    <message>
      <source>Use</source>
      <translation>Nehmen</translation>
    </message>
    <message>
      <source>Stop hearing it</source>
      <translation>Nicht mehr hören</translation>
    </message>
    <message>
      <source>Hear it under the picture</source>
      <translation>Unter dem Bild hören</translation>
    </message>
    <message>
      <source>Lay it under the picture (Enter)</source>
      <translation>Unter das Bild legen (Eingabetaste)</translation>
    </message>
    <message>
      <source>Reject</source>
      <translation>Ablehnen</translation>
    </message>
    <message>
      <source>%s versions</source>
      <translation>%s Fassungen</translation>
    </message>
    <message>
      <source>No favourite any more</source>
      <translation>Kein Favorit mehr</translation>
    </message>
  </context>
  <context>
    <name>SuggestionsPanel</name>
    <message>
      <source>Drop to find music like this</source>
      <translation>Fallen lassen, um Ähnliches zu finden</translation>
    </message>
    <message>
      <source>Finding music…</source>
      <translation>Musik wird gesucht …</translation>
    </message>
    <message>
      <source>Suggestions</source>
      <translation>Vorschläge</translation>
    </message>
    <message>
      <source>1 of %2 tracks</source>
      <translation>1 von %2 Stücken</translation>
    </message>
    <message>
      <source>%1 of %2 tracks</source>
      <translation>%1 von %2 Stücken</translation>
    </message>
    <message>
      <source>Stars</source>
      <translation>Sterne</translation>
    </message>
  </context>
  <context>
    <name>Taste</name>
    <message>
      <source>The base alone counts</source>
      <translation>Nur der Grundstand zählt</translation>
    </message>
    <message>
      <source>Your choices count as they come</source>
      <translation>Deine Entscheidungen zählen, wie sie kommen</translation>
    </message>
    <message>
      <source>Your past edits count</source>
      <translation>Deine früheren Schnitte zählen</translation>
    </message>
    <message>
      <source>Nothing learned yet</source>
      <translation>Noch nichts gelernt</translation>
    </message>
    <message>
      <source>Version %s counts</source>
      <translation>Fassung %s zählt</translation>
    </message>
    <message>
      <source>Your choices and every version are kept. Any of them can count again.</source>
      <translation>Deine Entscheidungen und alle Fassungen bleiben erhalten. Jede kann wieder zählen.</translation>
    </message>
    <message>
      <source>No version was learned yet. Each choice pulls the list a little; the more agree, the more.</source>
      <translation>Noch keine Fassung gelernt. Jede Entscheidung zieht die Liste ein wenig; je mehr übereinstimmen, desto mehr.</translation>
    </message>
    <message>
      <source>Learned on %1 from %2 tracks you used in %3 projects.</source>
      <translation>Gelernt am %1 aus %2 Stücken, die du in %3 Projekten nahmst.</translation>
    </message>
    <message>
      <source>In projects held out, what you took stood at place %1 of %2; the base had it at %3.</source>
      <translation>In ausgelassenen Projekten stand, was du nahmst, auf Platz %1 von %2; im Grundstand auf %3.</translation>
    </message>
    <message>
      <source>You use %1 tracks than the base suggests: %2.</source>
      <translation>Du nimmst %1 Stücke, als der Grundstand vorschlägt: %2.</translation>
    </message>
    <message>
      <source>%1 tracks come first: %2.</source>
      <translation>%1 Stücke stehen vorn: %2.</translation>
    </message>
    <message>
      <source>Too little to check a taste on yet: %1 tracks you used, in %2 projects. It takes 5, in 4.</source>
      <translation>Noch zu wenig, um einen Geschmack zu prüfen: %1 genommene Stücke in %2 Projekten. Es braucht 5 in 4.</translation>
    </message>
    <message>
      <source>What you chose counts already, by itself.</source>
      <translation>Was du gewählt hast, zählt schon von selbst.</translation>
    </message>
    <message>
      <source>Nothing was surely better on projects held out, so nothing changes.</source>
      <translation>Nichts war in ausgelassenen Projekten sicher besser, also ändert sich nichts.</translation>
    </message>
    <message>
      <source>Version %s is better on projects held out. It counts from now on.</source>
      <translation>Fassung %s ist in ausgelassenen Projekten besser. Sie zählt von jetzt an.</translation>
    </message>
    <message>
      <source>A run was interrupted; it goes on where it was.</source>
      <translation>Ein Lauf wurde unterbrochen; er geht weiter, wo er war.</translation>
    </message>
    <message>
      <source>Nothing new since the last run.</source>
      <translation>Nichts Neues seit dem letzten Lauf.</translation>
    </message>
    <message>
      <source>No choices yet.</source>
      <translation>Noch keine Entscheidungen.</translation>
    </message>
    <message>
      <source>1 new choice</source>
      <translation>1 neue Entscheidung</translation>
    </message>
    <message>
      <source>%s new choices</source>
      <translation>%s neue Entscheidungen</translation>
    </message>
    <message>
      <source>since the last run.</source>
      <translation>seit dem letzten Lauf.</translation>
    </message>
    <message>
      <source>1 piece of music in past edits counts.</source>
      <translation>1 Musikstück aus früheren Schnitten zählt.</translation>
    </message>
    <message>
      <source>%s pieces of music in past edits count.</source>
      <translation>%s Musikstücke aus früheren Schnitten zählen.</translation>
    </message>
    <message>
      <source>used</source>
      <translation>genommen</translation>
    </message>
    <message>
      <source>exported</source>
      <translation>exportiert</translation>
    </message>
    <message>
      <source>heard for long</source>
      <translation>lange gehört</translation>
    </message>
    <message>
      <source>passed over</source>
      <translation>übergangen</translation>
    </message>
    <message>
      <source>turned down</source>
      <translation>abgelehnt</translation>
    </message>
    <message>
      <source>more like it</source>
      <translation>mehr davon</translation>
    </message>
    <message>
      <source>%1 against %2</source>
      <translation>%1 gegen %2</translation>
    </message>
    <message>
      <source>notes a second</source>
      <translation>Töne in der Sekunde</translation>
    </message>
    <message>
      <source>drive</source>
      <translation>Antrieb</translation>
    </message>
    <message>
      <source>brightness</source>
      <translation>Helligkeit</translation>
    </message>
    <message>
      <source>%s, of 1</source>
      <translation>%s von 1</translation>
    </message>
  </context>
  <context>
    <name>TasteJobs</name>
    <message>
      <source>Learning your taste</source>
      <translation>Geschmack wird gelernt</translation>
    </message>
    <message>
      <source>Stopped. What was finished is kept; the next run goes on with it.</source>
      <translation>Angehalten. Was fertig war, bleibt; der nächste Lauf macht damit weiter.</translation>
    </message>
    <message>
      <source>Written: %s</source>
      <translation>Geschrieben: %s</translation>
    </message>
  </context>
  <context>
    <name>TasteLabels</name>
    <message>
      <source>When</source>
      <translation>Wann</translation>
    </message>
    <message>
      <source>What</source>
      <translation>Was</translation>
    </message>
    <message>
      <source>Track</source>
      <translation>Stück</translation>
    </message>
    <message>
      <source>Video</source>
      <translation>Film</translation>
    </message>
    <message>
      <source>Range</source>
      <translation>Bereich</translation>
    </message>
  </context>
  <context>
    <name>TastePastEdits</name>
    <message>
      <source>Looking through past edits</source>
      <translation>Frühere Schnitte werden durchgesehen</translation>
    </message>
    <message>
      <source>%1 files looked at, %2 known before, %3 pieces of music in all.</source>
      <translation>%1 Dateien angesehen, %2 schon bekannt, insgesamt %3 Musikstücke.</translation>
    </message>
  </context>
  <context>
    <name>Timeline</name>
    <message>
      <source>intro</source>
      <translation>Intro</translation>
    </message>
    <message>
      <source>build</source>
      <translation>Aufbau</translation>
    </message>
    <message>
      <source>drop</source>
      <translation>Drop</translation>
    </message>
    <message>
      <source>break</source>
      <translation>Break</translation>
    </message>
    <message>
      <source>outro</source>
      <translation>Outro</translation>
    </message>
    <message>
      <source>Select next cue</source>
      <translation>Nächste Musik wählen</translation>
    </message>
    <message>
      <source>Select previous cue</source>
      <translation>Vorige Musik wählen</translation>
    </message>
    <message>
      <source>Hold next handle</source>
      <translation>Nächsten Griff fassen</translation>
    </message>
    <message>
      <source>Hold previous handle</source>
      <translation>Vorigen Griff fassen</translation>
    </message>
    <message>
      <source>Nudge a frame earlier</source>
      <translation>Ein Bild früher rücken</translation>
    </message>
    <message>
      <source>Nudge a frame later</source>
      <translation>Ein Bild später rücken</translation>
    </message>
    <message>
      <source>Nudge a beat earlier</source>
      <translation>Einen Schlag früher rücken</translation>
    </message>
    <message>
      <source>Nudge a beat later</source>
      <translation>Einen Schlag später rücken</translation>
    </message>
    <message>
      <source>Slip a frame earlier</source>
      <translation>Inhalt ein Bild früher</translation>
    </message>
    <message>
      <source>Slip a frame later</source>
      <translation>Inhalt ein Bild später</translation>
    </message>
    <message>
      <source>Slip a beat earlier</source>
      <translation>Inhalt einen Schlag früher</translation>
    </message>
    <message>
      <source>Slip a beat later</source>
      <translation>Inhalt einen Schlag später</translation>
    </message>
    <message>
      <source>Move cue to playhead</source>
      <translation>Musik zum Abspielkopf rücken</translation>
    </message>
    <message>
      <source>Trim start to playhead</source>
      <translation>Anfang auf Abspielkopf trimmen</translation>
    </message>
    <message>
      <source>Trim end to playhead</source>
      <translation>Ende auf Abspielkopf trimmen</translation>
    </message>
    <message>
      <source>Fade in to playhead</source>
      <translation>Bis zum Abspielkopf einblenden</translation>
    </message>
    <message>
      <source>Fade out from playhead</source>
      <translation>Vom Abspielkopf an ausblenden</translation>
    </message>
    <message>
      <source>Fade-in on or off</source>
      <translation>Einblendung an oder aus</translation>
    </message>
    <message>
      <source>Fade-out on or off</source>
      <translation>Ausblendung an oder aus</translation>
    </message>
    <message>
      <source>Remove splice</source>
      <translation>Klebestelle entfernen</translation>
    </message>
    <message>
      <source>Remove cue</source>
      <translation>Musik entfernen</translation>
    </message>
    <message>
      <source>Mark in</source>
      <translation>In setzen</translation>
    </message>
    <message>
      <source>Mark out</source>
      <translation>Out setzen</translation>
    </message>
    <message>
      <source>Clear range</source>
      <translation>Bereich aufheben</translation>
    </message>
    <message>
      <source>Range of the cue</source>
      <translation>Bereich der Musik</translation>
    </message>
    <message>
      <source>Find other music for the cue</source>
      <translation>Andere Musik dafür suchen</translation>
    </message>
    <message>
      <source>Add or name marker</source>
      <translation>Marker setzen oder benennen</translation>
    </message>
    <message>
      <source>Name marker</source>
      <translation>Marker benennen</translation>
    </message>
    <message>
      <source>Remove marker</source>
      <translation>Marker entfernen</translation>
    </message>
    <message>
      <source>Next marker</source>
      <translation>Nächster Marker</translation>
    </message>
    <message>
      <source>Previous marker</source>
      <translation>Voriger Marker</translation>
    </message>
    <message>
      <source>Zoom in</source>
      <translation>Vergrößern</translation>
    </message>
    <message>
      <source>Zoom out</source>
      <translation>Verkleinern</translation>
    </message>
    <message>
      <source>Show whole video</source>
      <translation>Ganzen Film zeigen</translation>
    </message>
    <message>
      <source>Change how many beats are shown</source>
      <translation>Wechseln, wie viele Schläge zu sehen sind</translation>
    </message>
    <message>
      <source>Snapping on or off</source>
      <translation>Einrasten an oder aus</translation>
    </message>
    <message>
      <source>{title} · in the project</source>
      <translation>{title} · im Projekt</translation>
    </message>
    <message>
      <source>from {time}</source>
      <translation>ab {time}</translation>
    </message>
    <message>
      <source>Cue {number} of {count}: {title}, from {start} to {end}</source>
      <translation>Musik {number} von {count}: {title}, von {start} bis {end}</translation>
    </message>
    <message>
      <source>Position {time}</source>
      <translation>Stelle {time}</translation>
    </message>
    <message>
      <source>Slip, from {time} of the track</source>
      <translation>Inhalt, ab {time} des Stücks</translation>
    </message>
    <message>
      <source>Start {time}</source>
      <translation>Anfang {time}</translation>
    </message>
    <message>
      <source>End {time}</source>
      <translation>Ende {time}</translation>
    </message>
    <message>
      <source>Fade in {length} s</source>
      <translation>Einblenden {length} s</translation>
    </message>
    <message>
      <source>Fade out {length} s</source>
      <translation>Ausblenden {length} s</translation>
    </message>
    <message>
      <source>Gain {gain} dB</source>
      <translation>Pegel {gain} dB</translation>
    </message>
    <message>
      <source>Ducking {depth} dB under speech</source>
      <translation>Unter Sprache {depth} dB leiser</translation>
    </message>
    <message>
      <source>Splice {number}</source>
      <translation>Klebestelle {number}</translation>
    </message>
    <message>
      <source>Move cue</source>
      <translation>Musik verschieben</translation>
    </message>
    <message>
      <source>Slip music</source>
      <translation>Inhalt verschieben</translation>
    </message>
    <message>
      <source>Trim start</source>
      <translation>Anfang trimmen</translation>
    </message>
    <message>
      <source>Trim end</source>
      <translation>Ende trimmen</translation>
    </message>
    <message>
      <source>Change fade-in</source>
      <translation>Einblendung ändern</translation>
    </message>
    <message>
      <source>Change fade-out</source>
      <translation>Ausblendung ändern</translation>
    </message>
    <message>
      <source>Change gain</source>
      <translation>Pegel ändern</translation>
    </message>
    <message>
      <source>Change ducking</source>
      <translation>Absenkung ändern</translation>
    </message>
    <message>
      <source>Move splice</source>
      <translation>Klebestelle verschieben</translation>
    </message>
    <message>
      <source>spliced at {time}</source>
      <translation>geklebt bei {time}</translation>
    </message>
    <message>
      <source>1 bar removed at {time}</source>
      <translation>1 Takt entfernt bei {time}</translation>
    </message>
    <message>
      <source>1 bar repeated at {time}</source>
      <translation>1 Takt wiederholt bei {time}</translation>
    </message>
    <message>
      <source>{bars} bars removed at {time}</source>
      <translation>{bars} Takte entfernt bei {time}</translation>
    </message>
    <message>
      <source>{bars} bars repeated at {time}</source>
      <translation>{bars} Takte wiederholt bei {time}</translation>
    </message>
    <message>
      <source>No music yet. Hear a suggestion with 1 to 9, use it with Enter.</source>
      <translation>Noch keine Musik. Höre einen Vorschlag mit 1 bis 9, nimm ihn mit der Eingabetaste.</translation>
    </message>
    <message>
      <source>Picture</source>
      <translation>Bild</translation>
    </message>
    <message>
      <source>Motion</source>
      <translation>Bewegung</translation>
    </message>
    <message>
      <source>Sound</source>
      <translation>Ton</translation>
    </message>
    <message>
      <source>Music</source>
      <translation>Musik</translation>
    </message>
    <message>
      <source>Snapping on</source>
      <translation>Einrasten an</translation>
    </message>
    <message>
      <source>Snapping off</source>
      <translation>Einrasten aus</translation>
    </message>
  </context>
  <context>
    <name>TimelinePanel</name>
    <message>
      <source>Move marker</source>
      <translation>Marker verschieben</translation>
    </message>
    <message>
      <source>Name marker</source>
      <translation>Marker benennen</translation>
    </message>
  </context>
  <context>
    <name>TimelinePresenter</name>
    <message>
      <source>Pictures of {name}</source>
      <translation>Bilder von {name}</translation>
    </message>
    <message>
      <source>Waveform of {name}</source>
      <translation>Wellenform von {name}</translation>
    </message>
  </context>
  <context>
    <name>TimelineSurface</name>
    <message>
      <source>Timeline</source>
      <translation>Zeitleiste</translation>
    </message>
    <message>
      <source>{count} cues</source>
      <translation>{count} Musikeinsätze</translation>
    </message>
  </context>
  <context>
    <name>TitleBar</name>
    <message>
      <source>Menu</source>
      <translation>Menü</translation>
    </message>
    <message>
      <source>Export…</source>
      <translation>Exportieren …</translation>
    </message>
    <message>
      <source>Describe the music: calm at first, then a storm</source>
      <translation>Musik beschreiben: erst ruhig, dann ein Sturm</translation>
    </message>
    <message>
      <source>Describe the music</source>
      <translation>Musik beschreiben</translation>
    </message>
    <message>
      <source>Find</source>
      <translation>Suchen</translation>
    </message>
  </context>
  <context>
    <name>TrackColumns</name>
    <message>
      <source>The file is gone from its folder.</source>
      <translation>Die Datei ist nicht mehr in ihrem Ordner.</translation>
    </message>
    <message>
      <source>Its drive is not plugged in.</source>
      <translation>Ihr Laufwerk ist nicht angeschlossen.</translation>
    </message>
    <message>
      <source>Not analysed yet.</source>
      <translation>Noch nicht analysiert.</translation>
    </message>
    <message>
      <source>Title</source>
      <translation>Titel</translation>
    </message>
    <message>
      <source>Artist</source>
      <translation>Künstler</translation>
    </message>
    <message>
      <source>Album</source>
      <translation>Album</translation>
    </message>
    <message>
      <source>Waveform</source>
      <translation>Wellenform</translation>
    </message>
    <message>
      <source>BPM</source>
      <translation>BPM</translation>
    </message>
    <message>
      <source>Key</source>
      <translation>Tonart</translation>
    </message>
    <message>
      <source>Length</source>
      <translation>Länge</translation>
    </message>
    <message>
      <source>LUFS</source>
      <translation>LUFS</translation>
    </message>
    <message>
      <source>Licence</source>
      <translation>Lizenz</translation>
    </message>
    <message>
      <source>Genre</source>
      <translation>Genre</translation>
    </message>
    <message>
      <source>Rating</source>
      <translation>Bewertung</translation>
    </message>
    <message>
      <source>Collections</source>
      <translation>Sammlungen</translation>
    </message>
    <message>
      <source>Used in</source>
      <translation>Verwendet in</translation>
    </message>
    <message>
      <source>Added</source>
      <translation>Hinzugefügt</translation>
    </message>
    <message>
      <source>Problem</source>
      <translation>Problem</translation>
    </message>
  </context>
  <context>
    <name>TrackDetails</name>
    <message>
      <source>Title</source>
      <translation>Titel</translation>
    </message>
    <message>
      <source>Artist</source>
      <translation>Künstler</translation>
    </message>
    <message>
      <source>Album</source>
      <translation>Album</translation>
    </message>
    <message>
      <source>Genre</source>
      <translation>Genre</translation>
    </message>
    <message>
      <source>Mood</source>
      <translation>Stimmung</translation>
    </message>
    <message>
      <source>Licence</source>
      <translation>Lizenz</translation>
    </message>
    <message>
      <source>Author</source>
      <translation>Urheber</translation>
    </message>
    <message>
      <source>Source</source>
      <translation>Quelle</translation>
    </message>
    <message>
      <source>%1 tracks</source>
      <translation>%1 Stücke</translation>
    </message>
    <message>
      <source>A change is made to all of them.</source>
      <translation>Eine Änderung gilt für alle.</translation>
    </message>
    <message>
      <source>Select a track to see and edit what is known of it.</source>
      <translation>Wähle ein Stück, um zu sehen und zu bearbeiten, was davon bekannt ist.</translation>
    </message>
    <message>
      <source>Rate %s of 5</source>
      <translation>%s von 5 Sternen</translation>
    </message>
    <message>
      <source>Favourite</source>
      <translation>Favorit</translation>
    </message>
    <message>
      <source>Half the tempo</source>
      <translation>Halbes Tempo</translation>
    </message>
    <message>
      <source>Double the tempo</source>
      <translation>Doppeltes Tempo</translation>
    </message>
    <message>
      <source>Bars begin a beat earlier</source>
      <translation>Takte beginnen einen Schlag früher</translation>
    </message>
    <message>
      <source>Bars begin a beat later</source>
      <translation>Takte beginnen einen Schlag später</translation>
    </message>
    <message>
      <source>Three beats a bar</source>
      <translation>Drei Schläge im Takt</translation>
    </message>
    <message>
      <source>Four beats a bar</source>
      <translation>Vier Schläge im Takt</translation>
    </message>
    <message>
      <source>Beats</source>
      <translation>Schläge</translation>
    </message>
    <message>
      <source>Back to the beats that were found</source>
      <translation>Zurück zu den gefundenen Schlägen</translation>
    </message>
    <message>
      <source>Find the file…</source>
      <translation>Datei suchen …</translation>
    </message>
    <message>
      <source>several</source>
      <translation>mehrere</translation>
    </message>
    <message>
      <source>Beats are corrected one track at a time.</source>
      <translation>Schläge werden für jedes Stück einzeln berichtigt.</translation>
    </message>
    <message>
      <source>Not analysed yet: the next scan finds its beats.</source>
      <translation>Noch nicht analysiert: Die nächste Suche findet die Schläge.</translation>
    </message>
    <message>
      <source>No steady pulse was found.</source>
      <translation>Kein fester Puls gefunden.</translation>
    </message>
    <message>
      <source>Collections: %s</source>
      <translation>Sammlungen: %s</translation>
    </message>
    <message>
      <source>Used in %s</source>
      <translation>Verwendet in %s</translation>
    </message>
    <message>
      <source>Edit %s</source>
      <translation>%s bearbeiten</translation>
    </message>
    <message>
      <source>Rate</source>
      <translation>Bewerten</translation>
    </message>
    <message>
      <source>Reset beats</source>
      <translation>Schläge zurücksetzen</translation>
    </message>
  </context>
  <context>
    <name>TrackView</name>
    <message>
      <source>Tracks</source>
      <translation>Stücke</translation>
    </message>
  </context>
  <context>
    <name>TrackWave</name>
    <message>
      <source>Hear the track from a place in its waveform</source>
      <translation>Das Stück ab einer Stelle der Wellenform hören</translation>
    </message>
  </context>
  <context>
    <name>VideoView</name>
    <message>
      <source>Video</source>
      <translation>Film</translation>
    </message>
  </context>
  <context>
    <name>Viewer</name>
    <message>
      <source>Music aimed at %s LUFS</source>
      <translation>Musik auf %s LUFS</translation>
    </message>
    <message>
      <source>ducked %s dB under voice</source>
      <translation>%s dB leiser unter Stimme</translation>
    </message>
    <message>
      <source>ducks %s dB under voice</source>
      <translation>wird unter Stimme %s dB leiser</translation>
    </message>
    <message>
      <source>%s channels</source>
      <translation>%s Kanäle</translation>
    </message>
  </context>
  <context>
    <name>ViewerPanel</name>
    <message>
      <source>Timecode</source>
      <translation>Timecode</translation>
    </message>
    <message>
      <source>Play</source>
      <translation>Abspielen</translation>
    </message>
    <message>
      <source>Sound</source>
      <translation>Ton</translation>
    </message>
    <message>
      <source>Picture full screen</source>
      <translation>Bild im Vollbild</translation>
    </message>
    <message>
      <source>The timeline is being laid together.</source>
      <translation>Die Zeitleiste wird zusammengesetzt.</translation>
    </message>
    <message>
      <source>original sound</source>
      <translation>Originalton</translation>
    </message>
    <message>
      <source>no sound device: playing silently</source>
      <translation>kein Tongerät: läuft stumm</translation>
    </message>
    <message>
      <source>J  K  L</source>
      <translation>J  K  L</translation>
    </message>
  </context>
  <context>
    <name>WindowDrops</name>
    <message>
      <source>Drop to open a video or a project, to add a folder of music, or to find something like a track</source>
      <translation>Fallen lassen: Film oder Projekt öffnen, Musikordner hinzufügen oder Ähnliches zu einem Stück finden</translation>
    </message>
  </context>
  <context>
    <name>WorkEditing</name>
    <message>
      <source>Add cue</source>
      <translation>Musik hinzufügen</translation>
    </message>
    <message>
      <source>Remove cue</source>
      <translation>Musik entfernen</translation>
    </message>
    <message>
      <source>Clear range</source>
      <translation>Bereich aufheben</translation>
    </message>
    <message>
      <source>Set range</source>
      <translation>Bereich setzen</translation>
    </message>
    <message>
      <source>Add marker</source>
      <translation>Marker setzen</translation>
    </message>
    <message>
      <source>Remove marker</source>
      <translation>Marker entfernen</translation>
    </message>
  </context>
  <context>
    <name>_JobRow</name>
    <message>
      <source>Stop: %s</source>
      <translation>Anhalten: %s</translation>
    </message>
    <message>
      <source>Copy the details</source>
      <translation>Einzelheiten kopieren</translation>
    </message>
    <message>
      <source>Stopping…</source>
      <translation>Wird angehalten …</translation>
    </message>
  </context>
  <context>
    <name>_KeyRow</name>
    <message>
      <source>New key for %s</source>
      <translation>Neue Taste für %s</translation>
    </message>
    <message>
      <source>Back to the preset's key</source>
      <translation>Zurück zur Taste der Vorlage</translation>
    </message>
    <message>
      <source>no key</source>
      <translation>keine Taste</translation>
    </message>
    <message>
      <source>Key of %1: %2</source>
      <translation>Taste für %1: %2</translation>
    </message>
  </context>
  <context>
    <name>_LabelView</name>
    <message>
      <source>Your choices</source>
      <translation>Deine Entscheidungen</translation>
    </message>
  </context>
  <context>
    <name>_List</name>
    <message>
      <source>new</source>
      <translation>neu</translation>
    </message>
  </context>
  <context>
    <name>_ProblemRow</name>
    <message>
      <source>Show %s in its folder</source>
      <translation>%s im Ordner zeigen</translation>
    </message>
    <message>
      <source>Copy the details of %s</source>
      <translation>Einzelheiten zu %s kopieren</translation>
    </message>
  </context>
  <context>
    <name>_RecentVideo</name>
    <message>
      <source>Open %s</source>
      <translation>%s öffnen</translation>
    </message>
  </context>
  <context>
    <name>_SettingRow</name>
    <message>
      <source>Back to the default</source>
      <translation>Zurück zur Vorgabe</translation>
    </message>
  </context>
  <context>
    <name>_VersionRow</name>
    <message>
      <source>As they come</source>
      <translation>Wie sie kommen</translation>
    </message>
    <message>
      <source>Base</source>
      <translation>Grundstand</translation>
    </message>
    <message>
      <source>Version %s</source>
      <translation>Fassung %s</translation>
    </message>
    <message>
      <source>counts</source>
      <translation>zählt</translation>
    </message>
    <message>
      <source>Go back to this</source>
      <translation>Hierauf zurückgehen</translation>
    </message>
  </context>
</TS>
