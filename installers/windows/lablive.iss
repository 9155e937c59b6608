; Inno Setup script of the Windows installer. Not yet run by us: the workflow
; .github/workflows/bundles.yml compiles it (iscc /DVersion=0.1.0 lablive.iss) after
; `pyinstaller installers/lablive.spec` has made dist\lablive.
#ifndef Version
  #error Tell the version: iscc /DVersion=0.1.0 lablive.iss
#endif
#define Name "LabLive"
#define Bundle "..\..\dist\lablive"

[Setup]
AppId={{6B0F4B0C-6B0E-4C58-9F0B-5B1F1B7C3A61}
AppName={#Name}
AppVersion={#Version}
AppPublisher=The LabLive developers
DefaultDirName={autopf}\{#Name}
DefaultGroupName={#Name}
DisableProgramGroupPage=yes
; without an administrator it goes into the user's own folder
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
LicenseFile=..\..\LICENSE
OutputDir=..\..\dist
OutputBaseFilename=lablive-{#Version}-windows
Compression=lzma2
SolidCompression=yes
WizardStyle=modern
UninstallDisplayIcon={app}\lablive-window.exe
; a recording in progress is never ended by an update
CloseApplications=no
ChangesEnvironment=yes

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "de"; MessagesFile: "compiler:Languages\German.isl"

[Tasks]
Name: "desktop"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked

[InstallDelete]
; files of an older version that this one no longer has
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Bundle}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{group}\{#Name}"; Filename: "{app}\lablive-window.exe"
Name: "{group}\Command line of {#Name}"; Filename: "{cmd}"; Parameters: "/K ""{app}\lablive.exe"" --help"; WorkingDir: "{userdocs}"
Name: "{autodesktop}\{#Name}"; Filename: "{app}\lablive-window.exe"; Tasks: desktop

[Run]
Filename: "{app}\lablive-window.exe"; Description: "{cm:LaunchProgram,{#Name}}"; Flags: nowait postinstall skipifsilent

[Code]
function InitializeSetup(): Boolean;
var
  Code: Integer;
begin
  Result := True;
  { exit code 0: a program of that name runs }
  if Exec(ExpandConstant('{cmd}'), '/C tasklist /FI "IMAGENAME eq lablive.exe" | find /I "lablive.exe"',
    '', SW_HIDE, ewWaitUntilTerminated, Code) and (Code = 0) then
  begin
    SuppressibleMsgBox('LabLive is running, perhaps a recording with it. Stop it, close its window, wait a minute, then start the setup again.',
      mbError, MB_OK, IDOK);
    Result := False;
  end;
end;
